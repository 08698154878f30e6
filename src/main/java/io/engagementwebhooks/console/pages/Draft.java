package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A form of the builder, which the page of another form keeps in a hidden field: for a browser without scripts. It has
 * no secrets. Immutable.
 *
 * @param webhook id of the edited webhook; empty: a new one
 * @param fields of the form, as JSON
 */
record Draft(String webhook, String fields) {

    static final Draft NONE = new Draft("", "{}");

    private static final String WEBHOOK = "draft-of";
    private static final String FIELDS = "draft";
    private static final Set<String> LEFT_OUT =
            Set.of("password", "header-value", "key-value", "headers", "signing-keys", "do", Pages.TOKEN);
    private static final JsonMapper JSON = new JsonMapper();

    static Draft of(String webhook, Form form) {
        Map<String, List<String>> fields = new LinkedHashMap<>(form.fields());
        fields.keySet().removeAll(LEFT_OUT);
        try {
            return new Draft(webhook, JSON.writeValueAsString(fields));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("fields are texts", e);
        }
    }

    /** The draft in the hidden fields of another form. */
    static Draft in(Form form) {
        return form.has(FIELDS) ? new Draft(form.text(WEBHOOK), form.raw(FIELDS)) : NONE;
    }

    /** The form; one that was changed by hand is empty. */
    Form form() {
        try {
            return new Form(JSON.readValue(fields, new TypeReference<Map<String, List<String>>>() {}));
        } catch (JsonProcessingException e) {
            return new Form(Map.of());
        }
    }
}
