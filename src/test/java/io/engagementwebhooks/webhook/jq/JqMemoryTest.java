package io.engagementwebhooks.webhook.jq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.management.ThreadMXBean;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program reserves memory of its account before it allocates it. */
class JqMemoryTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final JsonNode EVENT = event("s".repeat(200_000));

    private static JsonNode event(String s) {
        return EventJson.parse(("{\"data\":{\"s\":\"" + s + "\"}}").getBytes(StandardCharsets.UTF_8));
    }

    private static <T> T within(Ledger ledger, Supplier<T> evaluated) {
        try (Evaluation evaluation = Evaluation.begin(ledger.of("acme"))) {
            T value = evaluated.get();
            assertTrue(evaluation != null);
            return value;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[range(30000) | {a: ., b: 1}] | length",
                "(\"{},\" * 300000) as $x | \"[\" + $x + \"1]\" | fromjson | length",
                "(\"a\" * 900000) | split(\"\") | length",
                "(\"a,\" * 400000) | split(\",\") | length",
                "(\"a,\" * 400000) / \",\" | length",
                "(\"a\" * 900000) | indices(\"a\") | length",
                "[range(20000) | tostring] | map({(.): 1}) | map(to_entries) | length",
                "\"\u0101\" * 1000000 | length",
                "try ([range(30000) | {a: ., b: 1}] | length) catch 1",
                "([range(30000) | {a: ., b: 1}] | length)?",
                "first([range(30000) | {a: ., b: 1}] | length)",
                "[range(240000)] | length",
            })
    void a_program_that_needs_more_memory_than_its_account_has_is_ended_before_it_allocates(String program) {
        JqProgram compiled = JqProgram.compile(program, () -> 0);
        Ledger ledger = new Ledger(1 << 20);
        JsonNode small = event("x");

        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThrows(BudgetExceededException.class, () -> within(ledger, () -> compiled.first(small)));
        long made = THREADS.getCurrentThreadAllocatedBytes() - before;

        assertTrue(made < 6 << 20, made + " bytes were made");
        assertEquals(0, ledger.reserved());
    }

    @Test
    void a_regular_expression_does_not_keep_its_argument() {
        List<WeakReference<JsonNode>> arguments = new ArrayList<>();
        Regex regex = new Regex((env, in, at, out) -> {
            JsonNode argument = JsonNodeFactory.instance.arrayNode().add("a").add("g");
            arguments.add(new WeakReference<>(argument));
            out.emit(argument, null);
        });
        regex.run(new Env(new JqBudget(() -> 0)), TextNode.valueOf("a"), null, (value, path) -> {});

        System.gc();

        assertNull(arguments.get(0).get());
        assertNotNull(regex);
    }

    @Test
    void intermediate_memory_is_released_at_the_end_of_a_program() {
        JqProgram condition = JqProgram.compile("[range(10000) | {a: .}] | length > 0", () -> 0);
        Ledger ledger = new Ledger(8 << 20);

        within(ledger, () -> {
            for (int i = 0; i < 100; i++) {
                assertTrue(condition.test(EVENT));
            }
            return null;
        });
    }

    @Test
    void the_result_of_a_program_is_memory_of_the_caller() {
        JqProgram program = JqProgram.compile("[range(10000)]", () -> 0);
        Ledger ledger = new Ledger(16 << 20);

        within(ledger, () -> {
            JsonNode answer = program.first(EVENT);
            assertTrue(ledger.of("acme").reserved() > 24L * answer.size(), "reserved is " + ledger.reserved());
            return answer;
        });
    }
}
