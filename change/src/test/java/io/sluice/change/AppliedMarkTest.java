package io.sluice.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AppliedMarkTest {

    @Test
    void whatIsWrittenIsReadBack() {
        String server = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
        for (SourcePosition position :
                List.of(
                        new Lsn(0x1_0000_0010L),
                        new BinlogPosition("binlog.000007", 4, null),
                        new BinlogPosition("binlog.000007", 4, GtidSet.parse(server + ":1-9")))) {
            for (HybridTimestamp clock :
                    List.of(
                            HybridTimestamp.ZERO,
                            new HybridTimestamp(Long.MAX_VALUE, Integer.MAX_VALUE))) {
                AppliedMark mark = new AppliedMark("a\nb:c->d", position, clock);
                assertThat(AppliedMark.parse(mark.text())).isEqualTo(mark);
            }
        }
        assertThatThrownBy(() -> AppliedMark.parse("7"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
