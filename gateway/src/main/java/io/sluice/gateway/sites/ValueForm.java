package io.sluice.gateway.sites;

/** How a value of a site of another engine looks in this site's own log. Pure. */
@FunctionalInterface
interface ValueForm {

    /** As it came. */
    ValueForm SAME = value -> value;

    /**
     * @param value not null, and sent
     */
    Object of(Object value);

    /** A value that the column has no place for. The message names no value. */
    final class NoPlaceException extends RuntimeException {
        private static final long serialVersionUID = 1;

        /**
         * @param reason what follows the column's name: {@code is neither 0 nor 1}
         */
        NoPlaceException(String reason) {
            super(reason, null, false, false);
        }
    }
}
