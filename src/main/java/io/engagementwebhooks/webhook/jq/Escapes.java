package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The parts that catch errors and breaks. A filter emits results by a call to the next part, so errors of the next part
 * pass through here and must not be caught.
 */
final class Escapes {

    private Escapes() {}

    /** {@code try body catch handler}; without a handler, {@code try body} and {@code body?}. */
    record Try(Filter body, Filter handler) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            Object here = new Object();
            JsonNode caught;
            try {
                body.apply(env, in, at, (value, path) -> {
                    try {
                        out.emit(value, path);
                    } catch (JqError e) {
                        throw new ErrorOfNextPart(here, e);
                    }
                });
                return;
            } catch (ErrorOfNextPart e) {
                if (e.thrownAt != here) {
                    throw e;
                }
                throw e.error;
            } catch (JqError e) {
                env.budget().caught();
                caught = e.value();
            }
            if (handler != null) {
                handler.apply(env, caught, null, (value, path) -> out.emit(value, null));
            }
        }
    }

    private static final class ErrorOfNextPart extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Object thrownAt;
        private final JqError error;

        ErrorOfNextPart(Object thrownAt, JqError error) {
            super(null, null, false, false);
            this.thrownAt = thrownAt;
            this.error = error;
        }
    }

    /** {@code label $name | rest} */
    record Label(Object name, Filter rest) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            BreakException broken = new BreakException();
            try {
                rest.apply(env.with(name, broken), in, at, out);
            } catch (BreakException e) {
                if (e != broken) {
                    throw e;
                }
            }
        }
    }

    /** {@code break $name} */
    record Break(Object label) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            throw (BreakException) env.value(label);
        }
    }

    private static final class BreakException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BreakException() {
            super(null, null, false, false);
        }
    }
}
