package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Definitions and calls of functions. */
final class Calls {

    private Calls() {}

    /** A function written in jq: {@code def name(f; $x): body;}. Its body is set once it is parsed. */
    static final class Function {
        final String name;
        final List<Parameter> parameters;
        Filter body;

        Function(String name, List<Parameter> parameters) {
            this.name = name;
            this.parameters = parameters;
        }

        /** Such as {@code map/1}. */
        String signature() {
            return name + '/' + parameters.size();
        }
    }

    /** @param isValue whether it is a {@code $name}, rather than a filter */
    record Parameter(String name, boolean isValue) {}

    /** A function written in Java. */
    interface Native {
        void call(Env env, JsonNode in, Path at, List<Filter> arguments, Output out);
    }

    /** {@code def …; rest} */
    record Define(Function function, Filter rest) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            rest.apply(env.with(function, null), in, at, out);
        }
    }

    /** @param isBuiltIn whether its scope is that of the built-in functions */
    record Call(Function function, boolean isBuiltIn, List<Filter> arguments) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            bind(env, isBuiltIn ? env.root() : env.scopeOf(function), 0, in, at, out);
        }

        private void bind(Env caller, Env scope, int from, JsonNode in, Path at, Output out) {
            if (from == arguments.size()) {
                // counted as this call
                function.body.run(scope, in, at, out);
                return;
            }
            Parameter parameter = function.parameters.get(from);
            Filter argument = arguments.get(from);
            if (parameter.isValue) {
                argument.values(caller, in, value -> bind(caller, scope.with(parameter, value), from + 1, in, at, out));
            } else {
                Env bound = scope.with(parameter, new Env.Closure(argument, caller));
                bind(caller, bound, from + 1, in, at, out);
            }
        }
    }

    /** A call of a parameter that is a filter. */
    record CallParameter(Parameter parameter) implements SimpleFilter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            Env.Closure closure = (Env.Closure) env.value(parameter);
            closure.filter().apply(closure.env(), in, at, out);
        }
    }

    record CallNative(Native function, List<Filter> arguments) implements Filter {
        @Override
        public void run(Env env, JsonNode in, Path at, Output out) {
            function.call(env, in, at, arguments, out);
        }
    }
}
