package io.sluice.gateway.expression;

/** Says what is wrong with an expression, and where. */
final class ExpressionException extends Exception {

    private static final long serialVersionUID = 1;

    ExpressionException(String message) {
        super(message);
    }
}
