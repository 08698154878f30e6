package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.PathOutput;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryBreakException;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.path.Path;

/**
 * The parts that catch errors: {@code try} (also {@code ?}) and {@code label}. jackson-jq emits results by a call to
 * the next part, so errors of the next part pass through here and must not be caught.
 */
final class JqEscape {

    private JqEscape() {}

    /** {@code try part catch handler}; the handler may be null. */
    record Try(Expression part, Expression handler) implements Expression {
        @Override
        public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
                throws JsonQueryException {
            Object owner = new Object();
            JsonNode error = null;
            try {
                part.apply(scope, in, path, (result, at) -> carry(owner, output, result, at), requirePath);
            } catch (Carried carried) {
                carried.leave(owner);
            } catch (JsonQueryBreakException e) {
                throw e;
            } catch (JsonQueryException e) {
                JqBudget.current().caught();
                error = e.getMessageAsJsonNode();
            }
            if (error != null && handler != null) {
                handler.apply(scope, error, null, output, requirePath);
            }
        }
    }

    /** {@code label $name | rest}; names are unique. */
    record Label(String name, Expression rest) implements Expression {
        @Override
        public void apply(Scope scope, JsonNode in, Path path, PathOutput output, boolean requirePath)
                throws JsonQueryException {
            Object owner = new Object();
            try {
                rest.apply(scope, in, path, (result, at) -> carry(owner, output, result, at), requirePath);
            } catch (Carried carried) {
                carried.leave(owner);
            } catch (JsonQueryBreakException e) {
                JqBudget.current().caught();
                if (!name.equals(e.name())) {
                    throw e;
                }
            }
        }
    }

    private static void carry(Object owner, PathOutput output, JsonNode result, Path at) {
        try {
            output.emit(result, at);
        } catch (JsonQueryException e) {
            throw new Carried(owner, e);
        }
    }

    private static final class Carried extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Object owner;
        private final JsonQueryException error;

        Carried(Object owner, JsonQueryException error) {
            super(null, null, false, false);
            this.owner = owner;
            this.error = error;
        }

        /** Unwraps the error at the part that wrapped it. */
        void leave(Object at) throws JsonQueryException {
            if (owner == at) {
                throw error;
            }
            throw this;
        }
    }
}
