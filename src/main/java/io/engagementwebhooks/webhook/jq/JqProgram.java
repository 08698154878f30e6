package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.ProcessorTime;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.function.LongSupplier;

/**
 * A customer's jq program, compiled once, with limits on steps, output and time. Immutable and thread-safe.
 *
 * <p>It runs on the caller's thread, as the conditions of all webhooks are evaluated before an event is acknowledged.
 * It reads the event only: no environment, no further input, no modules. Numbers are long or double, so integers beyond
 * ±2^53 can lose precision.
 */
public final class JqProgram {

    /** Longest program, in characters. */
    private static final int MAX_LENGTH = 20_000;

    /** The most memory of all values that one evaluation creates, in bytes. */
    public static final long MEMORY = JqBudget.MAX_CREATED;

    static {
        warmUp();
    }

    private final String text;
    private final Filter program;
    private final LongSupplier ticker;

    private JqProgram(String text, Filter program, LongSupplier ticker) {
        this.text = text;
        this.program = program;
        this.ticker = ticker;
    }

    /** Compiles a program. @throws IllegalArgumentException with the fault, in words for the customer */
    public static JqProgram compile(String text) {
        return compile(text, new ProcessorTime());
    }

    /**
     * Compiles a condition.
     *
     * @throws IllegalArgumentException with the fault, in words for the customer; also where it cannot be true for any
     *     event
     */
    public static JqProgram condition(String text) {
        return compile(text, new ProcessorTime(), true);
    }

    /** As {@link #compile(String)}. */
    static JqProgram compile(String text, LongSupplier ticker) {
        return compile(text, ticker, false);
    }

    private static JqProgram compile(String text, LongSupplier ticker, boolean isCondition) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the jq program is longer than " + MAX_LENGTH + " characters");
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException("the jq program is empty");
        }
        try {
            Filter program = Parser.parse(text);
            if (isCondition) {
                ConditionCheck.check(program);
            }
            return new JqProgram(text, program, ticker);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("the jq program is nested too deeply", e);
        }
    }

    /** The source text. */
    public String text() {
        return text;
    }

    /** Whether the first result is true. @throws BodyFault on an error or above a limit */
    public boolean test(JsonNode event) {
        return first(event) == BooleanNode.TRUE;
    }

    /**
     * The first result, or a missing node. Shared: do not modify it. Intermediate values use memory of the program's
     * own {@link Evaluation}; the result uses memory of this thread's.
     *
     * @throws BodyFault on an error or above a limit
     * @throws BudgetExceededException if the account has no memory left at the moment
     */
    @SuppressWarnings("try")
    public JsonNode first(JsonNode event) {
        JqBudget budget = new JqBudget(ticker);
        JsonNode result;
        try (Evaluation running = Evaluation.ofProgram()) {
            result = first(event, budget);
        }
        if (result == null) {
            return MissingNode.getInstance();
        }
        Evaluation.use(budget.memoryOf(result));
        return JqValues.writable(result);
    }

    private JsonNode first(JsonNode event, JqBudget budget) {
        try {
            JsonNode result = program.first(new Env(budget), JqValues.plain(event));
            return result == null ? null : budget.created(result);
        } catch (JqError e) {
            JsonNode error = e.value();
            String message = error.isTextual() ? error.textValue() : JqValues.json(budget, error);
            throw new BodyFault("the jq program failed: "
                    + (message.equals("null") ? "its error has no message" : shortened(message)));
        } catch (StackOverflowError e) {
            throw new BodyFault("the jq program calls itself too deeply");
        } catch (BodyFault | BudgetExceededException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new BodyFault("the jq program failed: a value is not of the kind it expects");
        }
    }

    private static String shortened(String message) {
        return message.length() <= 200 ? message : message.substring(0, 200) + "…";
    }

    /** Loads the classes of a first evaluation, so that loading them does not exceed its time limit. */
    private static void warmUp() {
        String program =
                "sub(\"(?<x>a+)\"; .x + \"b\") | [match(\"a\"; \"g\").offset, test(\"^b\")] | tojson, try error(.) catch .";
        compile(program, () -> 0).first(TextNode.valueOf("an ape"));
    }
}
