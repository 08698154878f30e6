package io.engagementwebhooks.webhook.jq;

/** The values of the names in scope at a part of a running program. Immutable, but for the budget. */
final class Env {

    private final Env root;
    private final Env outer;
    private final JqBudget budget;
    private final Object name;
    private final Object value;

    /** An argument of a function, with the scope of the call. */
    record Closure(Filter filter, Env env) {}

    /** The scope of the built-in functions. */
    Env(JqBudget budget) {
        this(null, budget, null, null);
    }

    private Env(Env outer, JqBudget budget, Object name, Object value) {
        this.root = outer == null ? this : outer.root;
        this.outer = outer;
        this.budget = budget;
        this.name = name;
        this.value = value;
    }

    JqBudget budget() {
        return budget;
    }

    Env root() {
        return root;
    }

    /** @param name compared by identity */
    Env with(Object name, Object value) {
        return new Env(this, budget, name, value);
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
