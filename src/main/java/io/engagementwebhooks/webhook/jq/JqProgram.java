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
 * A customer's jq program, compiled once, limited in steps, output and time. Immutable and thread-safe.
 *
 * <p>It runs on the caller's thread: no hand-over, since the conditions of all webhooks are judged before an event is
 * acknowledged. It sees the event and nothing else: no environment, no further input, no modules. Numbers are long or
 * double inside, so beyond ±2^53 they lose exactness.
 */
public final class JqProgram {

    /** Longest program, in characters. */
    private static final int LONGEST = 20_000;

    /** All that a program may make on the way to its answer, in bytes of memory at most. */
    public static final long MEMORY = JqBudget.MADE;

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
     * Compiles a program that is to say whether something holds.
     *
     * @throws IllegalArgumentException with the fault, in words for the customer; also where it cannot be true for any event
     */
    public static JqProgram condition(String text) {
        return compile(text, new ProcessorTime(), true);
    }

    /** As {@link #compile(String)}, with a clock in nanoseconds that is read seldom. */
    static JqProgram compile(String text, LongSupplier ticker) {
        return compile(text, ticker, false);
    }

    private static JqProgram compile(String text, LongSupplier ticker, boolean isCondition) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("the jq program is longer than " + LONGEST + " characters");
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

    /** As it was written. */
    public String text() {
        return text;
    }

    /** Whether the first answer is true. @throws BodyFault on an error or a broken limit */
    public boolean test(JsonNode event) {
        return first(event) == BooleanNode.TRUE;
    }

    /**
     * The first answer, or a missing node. Shared: do not change it. What is made on the way is memory of an {@link Evaluation}
     * of the program's own, the answer is memory of the one on this thread.
     *
     * @throws BodyFault on an error or a broken limit
     * @throws BudgetExceededException if the account has no memory left at the moment
     */
    @SuppressWarnings("try")
    public JsonNode first(JsonNode event) {
        JqBudget budget = new JqBudget(ticker, regexes);
        JsonNode answer;
        try (Evaluation running = Evaluation.ofProgram()) {
            answer = first(event, budget);
        }
        Evaluation.use(budget.memoryOf(answer));
        return answer;
    }

    private JsonNode first(JsonNode event, JqBudget budget) {
        budget.begin();
        try {
            JsonNode answer = evaluate(event);
            budget.made(answer);
            return answer;
        } catch (JsonQueryException e) {
            throw new BodyFault("the jq program failed: " + shortened(e.getOriginalMessage()));
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
            program.apply(Scope.newChildScope(FUNCTIONS.scope()), JqValues.plain(event), answer -> {
                throw new FirstAnswer(answer);
            });
            return MissingNode.getInstance();
        } catch (FirstAnswer first) {
            return JqValues.writable(first.answer);
        }
    }

    private static String shortened(String message) {
        return message == null || message.length() <= 200 ? message : message.substring(0, 200) + "…";
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

    /** Loads what a first evaluation would load, so that none is failed for the time this takes. */
    private static void warmUp() {
        String program =
                "sub(\"(?<x>a+)\"; .x + \"b\") | [match(\"a\"; \"g\").offset, test(\"^b\")] | tojson, try error(.) catch .";
        compile(program, () -> 0).first(TextNode.valueOf("an ape"));
    }

    /** Ends the evaluation; no {@code try} of jq catches it. */
    private static final class FirstAnswer extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient JsonNode answer;

        FirstAnswer(JsonNode answer) {
            super(null, null, false, false);
            this.answer = answer;
        }
    }
}
