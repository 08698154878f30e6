package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.ProcessorTime;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.Shown;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.javacc.ExpressionParser;
import net.thisptr.jackson.jq.internal.javacc.ParseException;
import net.thisptr.jackson.jq.internal.javacc.Token;

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

    private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

    private static final JqFunctions FUNCTIONS = new JqFunctions();

    static {
        warmUp();
    }

    private final String text;
    private final Expression program;
    private final LongSupplier ticker;
    private final JqRegexes regexes = new JqRegexes();

    private JqProgram(String text, Expression program, LongSupplier ticker) {
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
        try {
            Expression parsed = ExpressionParser.compile(text, Versions.JQ_1_7);
            JqProgram program = new JqProgram(text, new JqTree(FUNCTIONS::has).guarded(parsed), ticker);
            if (isCondition) {
                ConditionCheck.check(parsed);
            }
            return program;
        } catch (JsonQueryException e) {
            throw new IllegalArgumentException(fault(text, e.getCause()), e);
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
        JqBudget budget = new JqBudget(ticker, regexes);
        JsonNode result;
        try (Evaluation running = Evaluation.ofProgram()) {
            result = first(event, budget);
        }
        Evaluation.use(budget.memoryOf(result));
        return result;
    }

    private JsonNode first(JsonNode event, JqBudget budget) {
        budget.begin();
        try {
            JsonNode result = evaluate(event);
            budget.checkNew(result);
            return result;
        } catch (JsonQueryException e) {
            String message = String.valueOf(e.getOriginalMessage());
            throw new BodyFault("the jq program failed: "
                    + (message.equals("null") ? "its error has no message" : shortened(message)));
        } catch (StackOverflowError e) {
            throw new BodyFault("the jq program calls itself too deeply");
        } catch (BodyFault | BudgetExceededException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new BodyFault("the jq program failed: a value is not of the kind it expects");
        } finally {
            budget.end();
        }
    }

    private JsonNode evaluate(JsonNode event) throws JsonQueryException {
        try {
            program.apply(Scope.newChildScope(FUNCTIONS.scope()), JqValues.plain(event), result -> {
                throw new FirstResult(result);
            });
            return MissingNode.getInstance();
        } catch (FirstResult first) {
            return JqValues.writable(first.result);
        }
    }

    private static String shortened(String message) {
        return message.length() <= 200 ? message : message.substring(0, 200) + "…";
    }

    private static String fault(String text, Throwable cause) {
        if (text.isBlank()) {
            return "the jq program is empty";
        }
        if (cause instanceof ParseException e && e.currentToken != null) {
            return fault(e.currentToken.next);
        }
        Matcher place = PLACE.matcher(String.valueOf(cause == null ? null : cause.getMessage()));
        return place.find()
                ? "the jq program has a fault at line " + place.group(1) + ", column " + place.group(2)
                : "the jq program cannot be understood";
    }

    private static String fault(Token token) {
        return token.kind == 0
                ? "the jq program ends too early"
                : String.format(
                        Locale.ROOT,
                        "the jq program has a fault at line %d, column %d, near '%s'",
                        token.beginLine,
                        token.beginColumn,
                        Shown.of(token.image));
    }

    /** Loads the classes of a first evaluation, so that loading them does not exceed its time limit. */
    private static void warmUp() {
        String program =
                "sub(\"(?<x>a+)\"; .x + \"b\") | [match(\"a\"; \"g\").offset, test(\"^b\")] | tojson, try error(.) catch .";
        compile(program, () -> 0).first(TextNode.valueOf("an ape"));
    }

    /** Ends the evaluation; jq's {@code try} does not catch it. */
    private static final class FirstResult extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient JsonNode result;

        FirstResult(JsonNode result) {
            super(null, null, false, false);
            this.result = result;
        }
    }
}
