package io.engagementwebhooks.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.contentsquare.EnrichmentBatch.Enrichment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnrichmentReaderTest {

    private static final String GOOD = "'userId':'u','sessionNumber':4,'enrichment':{'answered':true}";

    @Test
    void one_enrichment_is_a_batch_with_the_defaults() throws Exception {
        EnrichmentBatch batch = read("{" + GOOD + "}", 7L);

        assertEquals(7, batch.projectId());
        assertEquals(2, batch.integrationVersion());
        assertEquals(
                List.of(new Enrichment("u", 4, 1, Json.MAPPER.createObjectNode().put("answered", true))),
                batch.enrichments());
    }

    @Test
    void the_body_wins_over_the_defaults() throws Exception {
        EnrichmentBatch batch = read("{'projectId':8,'integrationVersion':3,'enrichmentNumber':'2'," + GOOD + "}", 7L);

        assertEquals(8, batch.projectId());
        assertEquals(3, batch.integrationVersion());
        assertEquals(2, batch.enrichments().get(0).enrichmentNumber());
    }

    @Test
    void numbers_keep_their_digits() throws Exception {
        EnrichmentBatch batch = read("{" + GOOD.replace("true", "1.10") + "}", 7L);

        assertTrue(new String(batch.toJson(), java.nio.charset.StandardCharsets.UTF_8).contains("\"answered\":1.10"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|holds no enrichment",
                "5|must be an object",
                "{}|needs 'projectId'; the enrichment needs 'userId', a text; the enrichment needs 'sessionNumber';",
                "{'enrichmentNumber':0}|'enrichmentNumber' must be a whole number of at least 1 and at most 3",
                "{'enrichmentNumber':4}|'enrichmentNumber' must be a whole number of at least 1 and at most 3",
                "{'sessionNumber':1.5}|'sessionNumber' must be a whole number of at least 0",
                "{'sessionNumber':-1}|'sessionNumber' must be a whole number of at least 0",
                "{'integrationVersion':99999999999}|'integrationVersion' must be a whole number",
                "{'enrichment':[]}|needs 'enrichment'",
                "{'enrichmentNo':1}|has unknown member 'enrichmentNo'",
                "[{'projectId':1},{'projectId':2}]|one batch has one 'projectId', but 2 were given",
                "[{'projectId':1},5]|enrichment 2 must be an object"
            })
    void every_fault_is_reported_with_its_position(String body, String fault) {
        ContentsquareException refused = assertThrows(ContentsquareException.class, () -> read(body, null));

        assertTrue(refused.getMessage().contains(fault), refused.getMessage());
        assertFalse(refused.isRetryable());
        assertEquals(0, refused.getStatus());
    }

    @Test
    void a_fault_never_quotes_a_value() {
        ContentsquareException refused = assertThrows(
                ContentsquareException.class, () -> read("{'userId':42424242,'sessionNumber':'+4930123456'}", 1L));

        assertFalse(refused.getMessage().contains("42424242"), refused.getMessage());
        assertFalse(refused.getMessage().contains("4930123456"), refused.getMessage());
    }

    private static EnrichmentBatch read(String json, Long project) throws Exception {
        return EnrichmentReader.read(Json.MAPPER.readTree(json.replace('\'', '"')), project, 2);
    }
}
