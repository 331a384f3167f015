package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogNamesTest {

    @Test
    void aSlotIsNamedReadablyAfterItsPipeline() {
        assertThat(LogNames.slot("Orders:east->west"))
                .matches("sluice_orders_east_west_[0-9a-f]{8}")
                .isEqualTo(LogNames.slot("Orders:east->west"));
    }

    @Test
    void pipelinesThatReadAlikeHaveDifferentSlots() {
        assertThat(LogNames.slot("a:b->c")).isNotEqualTo(LogNames.slot("a.b->c"));
        assertThat(LogNames.slot("A:b->c")).isNotEqualTo(LogNames.slot("a:b->c"));
    }

    @Test
    void aPipelinesOriginIsAnotherInEachDatabase() {
        assertThat(LogNames.origin("shop", "Orders:east->west"))
                .matches("sluice_orders_east_west_[0-9a-f]{8}")
                .isEqualTo(LogNames.origin("shop", "Orders:east->west"))
                .isNotEqualTo(LogNames.origin("shop2", "Orders:east->west"));
    }

    @Test
    void namesFitWhateverThePipelineIsCalled() {
        for (String pipeline : new String[] {"", "x".repeat(300), "日本語:ö->'\"", "----"}) {
            assertThat(LogNames.slot(pipeline)).matches("sluice_[a-z0-9_]{1,56}");
            assertThat(LogNames.applySession(pipeline)).matches("sluice apply [ -~]{0,50}");
        }
        assertThat(LogNames.applySession("x".repeat(299)))
                .isNotEqualTo(LogNames.applySession("x".repeat(300)));
        assertThat(LogNames.applySession("a:b->c")).isEqualTo("sluice apply a:b->c");
    }
}
