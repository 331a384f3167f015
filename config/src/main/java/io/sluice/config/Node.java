package io.sluice.config;

import java.util.List;
import java.util.Map;

/** A piece of the file. Its line, counted from 1, is that of its key or, in a list, its own. */
sealed interface Node {

    int line();

    /** What it is, for messages: a map, a list, text, nothing. */
    String kind();

    record MapNode(int line, Map<String, Node> entries) implements Node {
        @Override
        public String kind() {
            return "a map";
        }
    }

    record ListNode(int line, List<Node> items) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Any single value, numbers and booleans included, as it was written. */
    record TextNode(int line, String text) implements Node {
        @Override
        public String kind() {
            return "text";
        }
    }

    record NullNode(int line) implements Node {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /** What could not be read; its problem is already told, so nobody tells another. */
    record BrokenNode(int line) implements Node {
        @Override
        public String kind() {
            return "nothing";
        }
    }
}
