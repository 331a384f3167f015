package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReportTextTest {

    @Test
    void whatWasJustMissedDoesNotReadAsMet() {
        assertThat(ReportText.ratio(0.999999999)).isEqualTo("0.99999999");
        assertThat(ReportText.ratio(0.9989999999)).isEqualTo("0.99899999");
        assertThat(ReportText.ratio(0.999)).isEqualTo("0.999");
        assertThat(ReportText.ratio(1)).isEqualTo("1");
        assertThat(ReportText.ratio(0)).isEqualTo("0");
    }
}
