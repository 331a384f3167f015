package io.sluice.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.pipeline.Orders.Order;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrdersTest {

    private final Orders orders = new Orders();

    @Test
    void anAttemptThatWasToldToEndEndsThoughTheOrderIsTakenBack() {
        orders.give(Order.PAUSE);
        assertThat(orders.replace(Order.PAUSE, Order.RUN)).isTrue();
        assertThat(orders.order()).isEqualTo(Order.RUN);
        assertThat(orders.isRequested()).isTrue();
        assertThat(orders.await(Duration.ofDays(1))).isTrue();

        orders.attemptEnded();
        assertThat(orders.isRequested()).isFalse();
        assertThat(orders.await(Duration.ZERO)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"PAUSE", "RESTART", "STOP"})
    void anOrderThatStandsEndsTheNextAttemptToo(Order order) {
        orders.give(order);
        orders.attemptEnded();
        assertThat(orders.isRequested()).isTrue();
    }

    @Test
    void whatIsCarriedOutEndsTheAttemptBeforeAndNotTheOneAfter() {
        orders.give(Order.RESTART);
        orders.begin(Order.RESTART);
        assertThat(orders.isRequested()).isTrue();
        orders.attemptEnded();
        assertThat(orders.isRequested()).isFalse();
    }

    @Test
    void anOrderIsOnlyTakenBackWhereItStillStands() {
        orders.give(Order.PAUSE);
        orders.give(Order.RESTART);
        assertThat(orders.replace(Order.PAUSE, Order.RUN)).isFalse();
        assertThat(orders.order()).isEqualTo(Order.RESTART);
    }

    @Test
    void aStopIsTheLastOrder() {
        orders.request();
        assertThat(orders.give(Order.RESTART)).isFalse();
        orders.begin(Order.PAUSE);
        orders.attemptEnded();
        assertThat(orders.order()).isEqualTo(Order.STOP);
        assertThat(orders.isRequested()).isTrue();
    }
}
