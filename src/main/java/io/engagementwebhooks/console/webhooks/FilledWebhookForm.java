package io.engagementwebhooks.console.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.console.forms.FieldText;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.console.forms.OfferedKamelet;
import io.engagementwebhooks.console.forms.Pairs;
import java.util.List;
import java.util.stream.Stream;

/**
 * Converts the submitted builder form to a definition, in which each member has one spelling and defaults are left out.
 * Members that the form lacks stay as they are. For one use.
 */
final class FilledWebhookForm {

    private final WebhookForm webhooks;
    private final Form form;
    private final JsonNode before;
    private final String to;

    /** @param before the definition that the form was created from; a missing node: there is none */
    FilledWebhookForm(WebhookForm webhooks, Form form, JsonNode before) {
        this.webhooks = webhooks;
        this.form = form;
        this.before = before;
        this.to = form.text("to");
    }

    ObjectNode definition() {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JsonNodeFactory.instance.objectNode();
        ArrayNode events = definition.putArray("events");
        WebhookForm.events(form).forEach(events::add);
        String condition = webhooks.condition(form);
        if (condition.isEmpty()) {
            definition.remove("condition");
        } else {
            definition.put("condition", condition);
        }
        putRetry(definition);
        ObjectNode delivery = definition.withObject("/delivery");
        List<String> choices = to.equals(WebhookForm.KAMELET)
                ? putKamelet(delivery)
                : WebhookForm.THIRD_PARTIES.contains(to) ? putThirdParty(delivery) : putHttp(delivery);
        Stream.concat(
                        WebhookForm.FIELDS.stream(),
                        webhooks.kamelet(form).stream().flatMap(kamelet -> kamelet.fields().stream()))
                .filter(field -> field.isOf(choices))
                .forEach(field -> field.put(definition, form));
        if (before.has("name") && !definition.has("name")) {
            definition.put("name", ""); // left out, the former name would stay
        }
        removeWithout("wait-field", delivery, "waitFor");
        removeWithout("fifo-key", delivery, "fifo");
        if (delivery.path(WebhookForm.KAMELET) instanceof ObjectNode kamelet
                && kamelet.path("properties").isEmpty()) {
            kamelet.remove("properties");
        }
        if (delivery.path(to).isEmpty()) {
            delivery.remove(to);
        }
        return definition;
    }

    private void putRetry(ObjectNode definition) {
        String kind = form.text("retry-kind");
        switch (kind) {
            case "own" -> {
                ArrayNode gaps = definition.putArray("retry");
                FieldText.parts(form.text("retry")).forEach(gaps::add);
            }
            case "standard", "" -> definition.remove("retry");
            default -> definition.put("retry", kind);
        }
    }

    /**
     * Keeps only properties that the form shows; those of a Kamelet that is not offered any more stay.
     *
     * @return the choices whose fields the webhook uses
     */
    private List<String> putKamelet(ObjectNode delivery) {
        delivery.remove(DefinitionReader.REFUSED_WITH_KAMELET);
        delivery.remove(WebhookForm.THIRD_PARTIES);
        putBody(delivery);
        webhooks.kamelet(form).ifPresent(kamelet -> {
            if (!kamelet.isOf(before)) {
                delivery.remove(WebhookForm.KAMELET);
            } else if (delivery.at("/kamelet/properties") instanceof ObjectNode properties) {
                properties.retain(kamelet.allowed().open());
            }
        });
        return List.of(WebhookForm.KAMELET, OfferedKamelet.choice(form.text(WebhookForm.KAMELET)));
    }

    /** @return the choices whose fields the webhook uses */
    private List<String> putHttp(ObjectNode delivery) {
        delivery.remove(WebhookForm.THIRD_PARTIES);
        delivery.remove(WebhookForm.KAMELET);
        delivery.remove("signed");
        putBody(delivery);
        String authentication = form.text("auth");
        if (authentication.equals("none")) {
            delivery.remove("authentication");
        } else if (!authentication.equals(WebhookForm.authentication(delivery.path("authentication")))) {
            delivery.putObject("authentication")
                    .put("type", authentication.equals("value") ? "header" : authentication);
        }
        return List.of(WebhookForm.HTTP, authentication);
    }

    /** @return the choices whose fields the webhook uses */
    private List<String> putThirdParty(ObjectNode delivery) {
        WebhookForm.THIRD_PARTIES.stream().filter(other -> !other.equals(to)).forEach(delivery::remove);
        if (!delivery.at("/authentication/type").asText().equals(to)) {
            delivery.putObject("authentication").put("type", to);
        }
        if (delivery.path(to).has("path") || delivery.path(to).has("records")) {
            putBody(delivery);
            return List.of(WebhookForm.CONNECTION);
        }
        delivery.remove(DefinitionReader.OF_REQUESTS_TO_A_URL);
        delivery.remove(WebhookForm.KAMELET);
        return List.of(WebhookForm.CONNECTION, to);
    }

    private void putBody(ObjectNode delivery) {
        String kind = form.text("body-kind");
        if (kind.equals("other")) {
            return;
        }
        delivery.remove(List.of("format", "body", "bodyJq", "form"));
        String body = form.raw("body");
        switch (kind) {
            case "json" -> delivery.put("body", body);
            case "form" -> delivery.put("format", "form").put("body", body);
            case "fields" -> delivery.set("form", Pairs.TEXTS.object(body));
            case "jq" -> delivery.put("bodyJq", body);
            default -> {
                // the whole event
            }
        }
    }

    /** Removes a member that needs a field which is empty. */
    private void removeWithout(String needed, ObjectNode delivery, String member) {
        if (form.text(needed).isEmpty()) {
            delivery.remove(member);
        }
    }
}
