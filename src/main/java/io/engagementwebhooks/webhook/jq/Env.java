package io.engagementwebhooks.webhook.jq;

/** The values of the names in scope at a part of a running program. Immutable; the budget and the regexes are not. */
final class Env {

    private final Env root;
    private final Env outer;
    private final Budget budget;
    private final Regexes regexes;
    private final Object name;
    private final Object value;

    /** An argument of a function, with the scope of the call. */
    record Closure(Filter filter, Env env) {}

    Env(Budget budget, Regexes regexes) {
        this(null, budget, regexes, null, null);
    }

    private Env(Env outer, Budget budget, Regexes regexes, Object name, Object value) {
        this.root = outer == null ? this : outer.root;
        this.outer = outer;
        this.budget = budget;
        this.regexes = regexes;
        this.name = name;
        this.value = value;
    }

    Budget budget() {
        return budget;
    }

    Regexes regexes() {
        return regexes;
    }

    /** The scope of the built-in functions. */
    Env root() {
        return root;
    }

    /** @param name compared by identity */
    Env with(Object name, Object value) {
        return new Env(this, budget, regexes, name, value);
    }

    Object value(Object name) {
        return scopeOf(name).value;
    }

    /** The innermost scope that begins with this name. */
    Env scopeOf(Object name) {
        Env scope = this;
        while (scope.name != name) {
            scope = scope.outer;
        }
        return scope;
    }
}
