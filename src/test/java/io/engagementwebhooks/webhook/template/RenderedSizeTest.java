package io.engagementwebhooks.webhook.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The size of a rendered body is limited before it is allocated. */
class RenderedSizeTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String S = "s".repeat(200_000);
    private static final JsonNode EVENT = event(S);
    private static final String BODY = "the body exceeds the limit of 1 MiB";

    private static JsonNode event(String s) {
        return EventJson.parse(("{\"id\":\"e1\",\"type\":\"call.ended\",\"data\":{\"s\":\"" + s + "\"}}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static String times(int count, String macro, String separator) {
        return (macro + separator).repeat(count - 1) + macro;
    }

    /** Asserts that rendering fails with this text and allocates only a few times the limit. */
    private static void assertBounded(String fault, Executable rendering) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        BodyFault refused = assertThrows(BodyFault.class, rendering);
        long made = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertEquals(fault, refused.getMessage());
        assertTrue(made < 8 << 20, made + " bytes were made");
    }

    @Test
    void a_body_of_2000_copies_of_a_large_field_is_refused_before_it_is_made() {
        Template json = Template.json("[" + times(2_000, "\"{data.s}\"", ",") + "]");

        assertBounded(BODY, () -> json.bytes(EVENT));
    }

    @Test
    void a_large_body_of_objects_and_a_large_form_are_refused_too() {
        Template json = Template.json("[" + times(2_000, "{data}", ",") + "]");
        Template inText = Template.json("[\"" + times(2_000, "{data}", "") + "\"]");
        Template form = Template.form(times(2_000, "{data.s}", "&a="));

        assertBounded(BODY, () -> json.bytes(EVENT));
        assertBounded(BODY, () -> inText.bytes(EVENT));
        assertBounded(BODY, () -> form.bytes(EVENT));
    }

    @Test
    void encoded_characters_count() {
        Template form = Template.form("a={data.s}");
        JsonNode beyondAscii = event("\u4e2d".repeat(130_000));

        assertBounded(BODY, () -> form.bytes(beyondAscii));
        assertEquals(2 + 9 * 100_000, form.bytes(event("\u4e2d".repeat(100_000))).length);
    }

    @Test
    void a_header_has_its_own_limit_and_is_named() {
        Template header = Template.header("X-Call", "{data.s}");

        assertBounded("header X-Call exceeds the limit of 8 KiB", () -> header.render(EVENT));
        assertEquals(8 << 10, header.render(event("x".repeat(8 << 10))).length());
    }

    @Test
    void a_field_has_the_limit_of_a_body() {
        FieldValue field = new FieldValue.Text(Template.text(times(2_000, "{data.s}", "-")));

        assertBounded("the text exceeds the limit of 1 MiB", () -> field.of(EVENT));
    }

    @Test
    void a_body_of_exactly_the_limit_is_made() {
        Template text = Template.text("{data.s}{data.s}");

        assertEquals(1 << 20, text.bytes(event("x".repeat(1 << 19))).length);
        assertThrows(BodyFault.class, () -> text.bytes(event("x".repeat((1 << 19) + 1))));
    }

    /** Of 4 MiB in total, one account may use 3. */
    private static <T> T within(Ledger ledger, Supplier<T> evaluated) {
        try (Evaluation evaluation = Evaluation.begin(ledger.of("acme"))) {
            T value = evaluated.get();
            assertTrue(evaluation != null);
            return value;
        }
    }

    @Test
    void rendering_reserves_memory_of_its_account() {
        Ledger ledger = new Ledger(256 << 10);
        Template json = Template.json("[" + times(5, "\"{data.s}\"", ",") + "]");

        assertThrows(BudgetExceededException.class, () -> within(ledger, () -> json.bytes(EVENT)));
        assertEquals(0, ledger.reserved());
        assertEquals(5 * 200_003 + 1, within(new Ledger(32 << 20), () -> json.bytes(EVENT)).length);
    }
}
