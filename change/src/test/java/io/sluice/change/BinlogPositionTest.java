package io.sluice.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class BinlogPositionTest {

    private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    @Test
    void isReadAsItIsWritten() {
        for (String text :
                new String[] {
                    "binlog.000001:4", "binlog.1000000:4;" + A + ":1-5", "a.b.000002:99;"
                }) {
            assertThat(BinlogPosition.isOne(text)).isTrue();
            assertThat(BinlogPosition.parse(text).text()).isEqualTo(text);
        }
        assertThat(BinlogPosition.isOne("16/B374D848")).isFalse();
        assertThatThrownBy(() -> BinlogPosition.parse("16/B374D848"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withoutGtidsFileAndOffsetCount() {
        assertThat(covers("binlog.000002:4", "binlog.000001:900")).isTrue();
        assertThat(covers("binlog.000001:900", "binlog.000002:4")).isFalse();
        assertThat(covers("binlog.1000000:4", "binlog.999999:900")).isTrue();
        assertThat(covers("binlog.000001:900", "binlog.000001:900")).isTrue();
        assertThat(covers("binlog.000001:899", "binlog.000001:900")).isFalse();
    }

    @Test
    void withGtidsTheSetAloneCounts() {
        assertThat(covers("x.000001:4;" + A + ":1-5", "y.000009:900;" + A + ":1-5")).isTrue();
        assertThat(covers("x.000009:900;" + A + ":1-4", "x.000001:4;" + A + ":1-5")).isFalse();
        assertThat(covers("x.000009:900", "x.000001:4;" + A + ":1-5")).isFalse();
        assertThat(covers("x.000009:900;" + A + ":1-4", "x.000001:4")).isFalse();
    }

    /** The server counts a transaction once it is committed, which another one may be before it. */
    @Test
    void aSetIsPassedWhenAllItsMembersWereReadAndAnOffsetWithTheFirstTransactionBehindIt() {
        BinlogPosition set = BinlogPosition.parse("x.000001:900;" + A + ":1-5:7");
        BinlogPosition before = BinlogPosition.parse("x.000001:700;" + A + ":1-5");
        BinlogPosition lacked = BinlogPosition.parse("x.000001:800;" + A + ":1-6");
        BinlogPosition whole = BinlogPosition.parse("x.000001:900;" + A + ":1-7");
        assertThat(set.isPassed(before, lacked)).isFalse();
        assertThat(set.isPassed(lacked, whole)).isFalse();
        assertThat(set.isPassed(whole, BinlogPosition.parse("x.000001:950;" + A + ":1-8")))
                .isTrue();
        BinlogPosition offset = BinlogPosition.parse("x.000001:900");
        BinlogPosition early = BinlogPosition.parse("x.000001:800");
        assertThat(offset.isPassed(early, offset)).isFalse();
        assertThat(offset.isPassed(early, BinlogPosition.parse("x.000001:901"))).isTrue();
        assertThat(new Lsn(50).isPassed(new Lsn(40), new Lsn(50))).isFalse();
        assertThat(new Lsn(50).isPassed(new Lsn(40), new Lsn(51))).isTrue();
    }

    @Test
    void aSetHasTheTransactionThatIsReadNextWhateverItLacksOfThoseBefore() {
        BinlogPosition set = BinlogPosition.parse("x.000001:900;" + A + ":1-5:7");
        BinlogPosition before = BinlogPosition.parse("x.000001:700;" + A + ":1-5");
        BinlogPosition lacked = BinlogPosition.parse("x.000001:800;" + A + ":1-6");
        BinlogPosition whole = BinlogPosition.parse("x.000001:900;" + A + ":1-7");
        assertThat(set.hasNext(before, lacked)).isFalse();
        assertThat(set.hasNext(lacked, whole)).isTrue();
        assertThat(set.hasNext(before, whole)).as("of two, one is lacking").isFalse();
        BinlogPosition offset = BinlogPosition.parse("x.000001:900");
        BinlogPosition early = BinlogPosition.parse("x.000001:800");
        assertThat(offset.hasNext(early, offset)).isTrue();
        assertThat(offset.hasNext(early, BinlogPosition.parse("x.000001:901"))).isFalse();
        assertThat(new Lsn(50).hasNext(new Lsn(40), new Lsn(50))).isTrue();
        assertThat(new Lsn(50).hasNext(new Lsn(40), new Lsn(51))).isFalse();
    }

    @Test
    void bytesAreCountedWithinAFile() {
        BinlogPosition later = BinlogPosition.parse("binlog.000002:900");
        assertThat(later.bytesSince(BinlogPosition.parse("binlog.000002:400"))).hasValue(500);
        assertThat(later.bytesSince(BinlogPosition.parse("binlog.000001:400"))).isEmpty();
        assertThat(later.bytesSince(new Lsn(4))).isEmpty();
    }

    private static boolean covers(String one, String other) {
        return BinlogPosition.parse(one).covers(BinlogPosition.parse(other));
    }
}
