package io.engagementwebhooks.console.forms;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.console.Pages;
import io.engagementwebhooks.credential.Redactor;
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
public record Draft(String webhook, String fields) {

    static final Draft NONE = new Draft("", "{}");

    private static final String WEBHOOK = "draft-of";
    private static final String FIELDS = "draft";
    private static final Set<String> LEFT_OUT =
            Set.of("password", "header-value", "key-value", "headers", "signing-keys", "do", Pages.TOKEN);
    private static final JsonMapper JSON = new JsonMapper();

    public static Draft of(String webhook, Form form) {
        Map<String, List<String>> fields = new LinkedHashMap<>(form.fields());
        fields.keySet().removeIf(Draft::isLeftOut);
        try {
            return new Draft(webhook, JSON.writeValueAsString(fields));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("fields are texts", e);
        }
    }

    private static boolean isLeftOut(String field) {
        return LEFT_OUT.contains(field) || field.startsWith(OfferedKamelet.PREFIX) && Redactor.isSensitive(field);
    }

    /** The draft in the hidden fields of another form. */
    public static Draft in(Form form) {
        return form.has(FIELDS) ? new Draft(form.text(WEBHOOK), form.raw(FIELDS)) : NONE;
    }

    /** The form; one that was changed by hand is empty. */
    public Form form() {
        try {
            Map<String, List<String>> read = JSON.readValue(fields, new TypeReference<>() {});
            if (read == null) {
                return new Form(Map.of());
            }
            read.values().removeIf(values -> values == null || values.contains(null));
            return new Form(read);
        } catch (JsonProcessingException e) {
            return new Form(Map.of());
        }
    }
}
