package io.engagementwebhooks.console.forms;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.console.text.Messages;
import io.engagementwebhooks.server.Problem;
import java.util.List;

/**
 * Converts between a Settings form and its definition. Immutable.
 *
 * @param type the member that distinguishes connections, or null
 * @param chooser the field that selects which other fields apply, or null
 * @param guide help on where to find values; empty: not needed
 * @param deletion what a deletion changes
 */
public record SettingForm(
        String type, List<FormField> fields, String chooser, List<SettingForm.Guide> guide, String deletion) {

    private static final String TLS = "tls";

    /**
     * A section of the help on where to find values.
     *
     * @param title its heading
     * @param steps in their order
     */
    public record Guide(String title, List<String> steps) {}

    /** The form of a definition as shown by the API. */
    public Form of(JsonNode definition) {
        Form.Filling form = new Form.Filling();
        fields.forEach(field -> field.fill(form, definition));
        return form.done();
    }

    /** A text of the API with the labels of this form instead of keys. */
    public String inLabels(String text) {
        String labeled = text;
        for (FormField field : fields) {
            labeled = field.inLabels(labeled);
        }
        return labeled;
    }

    /**
     * The definition of a form: each value has one spelling, and defaults are left out.
     *
     * @param before as shown by the API, with members that the form lacks; a missing node: there is none
     */
    public ObjectNode definition(Form form, JsonNode before) {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JsonNodeFactory.instance.objectNode();
        if (type != null) {
            definition.put("type", type);
        }
        fields.stream().filter(field -> !isKept(field, form)).forEach(field -> field.put(definition, form));
        dropWhatDoesNotGoTogether(definition);
        if (definition.path(TLS) instanceof ObjectNode tls) {
            dropFormerCertificate(form, of(before), tls);
            if (tls.isEmpty()) {
                definition.remove(TLS);
            }
        }
        return definition;
    }

    /** Overwriting another change keeps a certificate that was added by it. */
    private static boolean isKept(FormField field, Form form) {
        return EditConflict.isMeant(form)
                && field.name().startsWith(TLS + ".")
                && form.text(field.name()).isEmpty();
    }

    /**
     * A client certificate has one of two formats: a typed one replaces the other, and a removed one loses its secrets.
     */
    private static void dropFormerCertificate(Form form, Form shown, ObjectNode tls) {
        boolean isPem = isTyped("certificate", form, shown) || isTyped("key", form, shown);
        boolean isStore = isTyped("pkcs12", form, shown);
        if (isStore && !isPem) {
            tls.remove(List.of("certificate", "key"));
        } else if (isPem && !isStore) {
            tls.remove("pkcs12");
        }
        if (!tls.has("certificate") && !isTyped("key", form, shown)) {
            tls.remove("key");
        }
        if (!tls.has("pkcs12") && !isTyped("password", form, shown)) {
            tls.remove("password");
        }
    }

    private static boolean isTyped(String member, Form form, Form shown) {
        String text = form.text(TLS + "." + member);
        return !text.isEmpty() && !text.equals(shown.text(TLS + "." + member));
    }

    /** Removes members of a former choice that do not apply to the current one. */
    private void dropWhatDoesNotGoTogether(ObjectNode definition) {
        if (chooser == null) {
            return;
        }
        FormField deciding = FormField.named(chooser, fields);
        String choice = definition.path(chooser).asText(deciding.usual());
        if (deciding.options().containsKey(choice)) {
            fields.stream()
                    .filter(field -> !field.only().isEmpty() && !field.only().contains(choice))
                    .forEach(field -> definition.remove(field.name()));
        }
    }

    /** Errors that only the form can have: text that is no JSON object. */
    public Faults faults(Form form) {
        Faults.Gathering faults = new Faults.Gathering();
        fields.stream()
                .filter(field -> field.kind() == FormField.Kind.JSON)
                .filter(field -> !form.text(field.name()).isEmpty())
                .forEach(field -> checkJson(field, form.raw(field.name()), faults));
        return faults.done();
    }

    private static void checkJson(FormField field, String text, Faults.Gathering faults) {
        try {
            if (!FieldText.parsed(text).isObject()) {
                faults.add(field.name(), Messages.text("json.no-object", "label", field.label()));
            }
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            faults.add(
                    field.name(),
                    Messages.text(
                            "json.unreadable",
                            "label",
                            field.label(),
                            "line",
                            at == null ? 1 : at.getLineNr(),
                            "column",
                            at == null ? 1 : at.getColumnNr()));
        }
    }

    /** The errors of a refused definition. */
    public Faults faults(Problem problem) {
        return Faults.of(problem, this::fieldAt, this::label);
    }

    /** The name of the field of a JSON pointer into the definition; null: none is shown. */
    String fieldAt(String pointer) {
        return FormField.at(pointer, fields);
    }

    /** The label of a field. @throws java.util.NoSuchElementException if it has no such field */
    String label(String name) {
        return FormField.named(name, fields).label();
    }

    /** The folded fields, or the others. */
    public List<FormField> fields(boolean isAdvanced) {
        return fields.stream().filter(field -> field.advanced() == isAdvanced).toList();
    }
}
