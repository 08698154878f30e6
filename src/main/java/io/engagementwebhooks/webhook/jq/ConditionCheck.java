package io.engagementwebhooks.webhook.jq;

/**
 * Refuses conditions whose result is never a boolean, such as {@code .data.state = "x"}, which sets a value. Literals
 * such as {@code false} are allowed.
 */
final class ConditionCheck {

    private ConditionCheck() {}

    /** @throws IllegalArgumentException for the customer, with the remedy */
    static void check(Filter program) {
        Filter result = resultPart(program);
        if (result instanceof Filters.Logic) {
            checkTerms(result);
        } else if (isAssignment(result)) {
            throw new IllegalArgumentException("the condition sets a value, and is never true; compare with ==");
        } else if (isOfOtherType(result)) {
            throw new IllegalArgumentException("the condition compares nothing, and is never true; compare with ==");
        }
    }

    /** In {@code and} and {@code or} every value except false and null counts as true. */
    private static void checkTerms(Filter chain) {
        Filter term = resultPart(chain);
        for (; term instanceof Filters.Logic logic; term = resultPart(logic.right())) {
            checkTerms(logic.left());
        }
        if (isAssignment(term)) {
            throw new IllegalArgumentException(
                    "a part of the condition sets a value, and always holds; compare with ==");
        }
        if (isOfOtherType(term)) {
            throw new IllegalArgumentException(
                    "a part of the condition compares nothing, and always holds; compare with ==");
        }
    }

    /** The part that gives the first result of the whole. */
    private static Filter resultPart(Filter whole) {
        Filter part = whole;
        while (true) {
            if (part instanceof Filters.Pipe pipe) {
                part = pipe.right();
            } else if (part instanceof Filters.Bind bind) {
                part = bind.rest();
            } else if (part instanceof Calls.Define define) {
                part = define.rest();
            } else if (part instanceof Filters.Comma comma) {
                part = comma.left();
            } else {
                return part;
            }
        }
    }

    /** {@code . = true} returns the assigned value. */
    private static boolean isAssignment(Filter part) {
        return part instanceof Assignments.Set set && set.target() != Filters.IDENTITY
                || part instanceof Assignments.Update update && update.target() != Filters.IDENTITY;
    }

    private static boolean isOfOtherType(Filter part) {
        return part instanceof Filters.Literal literal
                        && !literal.value().isBoolean()
                        && !literal.value().isNull()
                || part instanceof Filters.MakeArray
                || part instanceof Filters.MakeObject
                || part instanceof Filters.Operation sum && isArithmetic(sum) && isOfOtherType(sum.left());
    }

    /** A text with interpolations is a sum as well, and a negative number a difference. */
    private static boolean isArithmetic(Filters.Operation operation) {
        return operation.operator() == Operators.ALL.get("+") || operation.operator() == Operators.ALL.get("-");
    }
}
