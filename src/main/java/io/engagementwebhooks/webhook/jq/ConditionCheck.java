package io.engagementwebhooks.webhook.jq;

/**
 * Refuses conditions whose result is never a boolean, such as {@code .data.state = "x"}, which sets a value. Literals
 * such as {@code false} are allowed.
 */
final class ConditionCheck {

    private ConditionCheck() {}

    /** @throws IllegalArgumentException for the customer, with the remedy */
    static void check(Filter program) {
        check(program, "the condition", "is never true");
    }

    /** In {@code and} and {@code or} every value except false and null counts as true. */
    private static void check(Filter whole, String subject, String consequence) {
        Filter result = resultPart(whole);
        if (result instanceof Filters.Logic chain) {
            chain.terms().forEach(term -> check(term, "a part of the condition", "always holds"));
        } else if (isAssignment(result)) {
            throw new IllegalArgumentException(subject + " sets a value, and " + consequence + "; compare with ==");
        } else if (isOfOtherType(result)) {
            throw new IllegalArgumentException(subject + " compares nothing, and " + consequence + "; compare with ==");
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
            } else if (part instanceof Filters.Comma comma) {
                part = comma.parts().get(0);
            } else if (part instanceof Filters.Alternative alternative) {
                part = alternative.left();
            } else {
                return part;
            }
        }
    }

    /** {@code . = true} returns the assigned value. */
    private static boolean isAssignment(Filter part) {
        return part instanceof Filters.Update update && update.target() != Filters.IDENTITY;
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
