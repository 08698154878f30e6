package io.engagementwebhooks.webhook.jq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.webhook.SampleEvents;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Generated programs have the results that jackson-jq gives, or are refused with the name of what is not supported. */
class JqReferenceTest {

    private static final String ERROR = "error";
    private static final String LIMIT = "limit";
    private static final String UNKNOWN = "unknown to the reference";

    private static final Set<String> REFUSED = Set.of(
            "'foreach' of jq is not supported here: use reduce",
            "'label' of jq is not supported here: use first(…) or limit(…; …)",
            "there is no jq function explode/0 here",
            "there is no jq function utf8bytelength/0 here");

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private static final Scope SCOPE = Scope.newEmptyScope();

    static {
        BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_7, SCOPE);
    }

    @Test
    void generated_programs_have_the_same_results() {
        assertSameResults(7, 20_000);
    }

    @Test
    @Tag("slow")
    void many_generated_programs_have_the_same_results() {
        assertSameResults(11, 100_000);
    }

    private static void assertSameResults(long seed, int programs) {
        ProgramGenerator generator = new ProgramGenerator(seed);
        Map<String, Integer> counts = new HashMap<>();
        Set<String> refused = new HashSet<>();
        List<String> different = new ArrayList<>();
        for (int i = 0; i < programs; i++) {
            String program = generator.program();
            JsonNode input = SampleEvents.of(generator.input());
            String own;
            try {
                own = own(program, input);
            } catch (IllegalArgumentException e) {
                refused.add(e.getMessage());
                counts.merge("refused", 1, Integer::sum);
                continue;
            }
            String reference = reference(program, input);
            boolean isComparable = !own.equals(LIMIT) && !reference.equals(UNKNOWN);
            counts.merge(!isComparable ? "no comparison" : own.equals(ERROR) ? ERROR : "value", 1, Integer::sum);
            if (isComparable && !own.equals(reference)) {
                different.add(program + "\n  of " + input + "\n  is  " + own + "\n  not " + reference);
            }
        }
        assertEquals(List.of(), different.subList(0, Math.min(10, different.size())), different.size() + " differ");
        assertEquals(REFUSED, refused);
        assertTrue(counts.get("value") > programs / 2, counts.toString());
        assertTrue(counts.get("no comparison") < programs / 50, counts.toString());
    }

    private static String own(String program, JsonNode input) {
        try {
            return text(JqProgram.compile(program, () -> 0).first(input));
        } catch (BodyFault e) {
            return e.getMessage().startsWith("the jq program failed: ") ? ERROR : LIMIT;
        }
    }

    private static String reference(String program, JsonNode input) {
        JsonQuery query;
        try {
            query = JsonQuery.compile(program, Versions.JQ_1_7);
        } catch (JsonQueryException e) {
            return UNKNOWN;
        }
        ArrayNode results = JsonNodeFactory.instance.arrayNode();
        try {
            query.apply(Scope.newChildScope(SCOPE), JqValues.writable(input), results::add);
        } catch (JsonQueryException | RuntimeException | StackOverflowError e) {
            return ERROR;
        }
        return text(JqValues.writable(results).get(0));
    }

    /** Without the order of keys. */
    static String text(JsonNode value) {
        try {
            return JSON.writeValueAsString(JSON.treeToValue(value, Object.class));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
