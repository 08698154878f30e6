package io.engagementwebhooks.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.Body;
import io.engagementwebhooks.webhook.Body.Format;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.JqProgram;
import io.engagementwebhooks.webhook.JsonText;
import io.engagementwebhooks.webhook.WellFormed;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * The body of a request and its content type.
 *
 * @param bytes exactly what is sent
 * @param contentType unless the webhook names its own
 */
record RequestBody(byte[] bytes, String contentType) {

    static final String CLOUD_EVENT = "application/cloudevents+json";

    /** @throws BodyFault if the webhook's template or program makes no body of this event */
    static RequestBody of(Body body, Delivery delivery) {
        if (body instanceof Body.Templated templated) {
            return of(templated.template().render(delivery.content()), templated.format());
        }
        if (body instanceof Body.Program program) {
            return of(program.program(), program.format(), delivery.content());
        }
        if (body instanceof Body.Form form) {
            return of(form, delivery.content());
        }
        return wholeEvent(delivery);
    }

    private static RequestBody wholeEvent(Delivery delivery) {
        byte[] bytes = delivery.later() == null
                ? delivery.event().document()
                : JsonText.of(delivery.content()).getBytes(StandardCharsets.UTF_8);
        return new RequestBody(bytes, CLOUD_EVENT);
    }

    private static RequestBody of(Body.Form form, JsonNode event) {
        String text = form.fields().entrySet().stream()
                .map(field -> pair(field.getKey(), field.getValue().render(event)))
                .collect(Collectors.joining("&"));
        return of(text, Format.FORM);
    }

    private static RequestBody of(JqProgram program, Format format, JsonNode event) {
        JsonNode answer = program.first(event);
        if (answer.isMissingNode()) {
            throw new BodyFault("the body's jq program answered nothing");
        }
        return of(format == Format.JSON ? JsonText.of(answer) : form(answer), format);
    }

    private static String form(JsonNode answer) {
        if (!answer.isObject()) {
            throw new BodyFault("the body's jq program must answer an object, whose members are the form's fields");
        }
        return answer.properties().stream()
                .map(member -> pair(member.getKey(), text(member.getValue())))
                .collect(Collectors.joining("&"));
    }

    private static String text(JsonNode value) {
        if (value.isNull()) {
            return "";
        }
        return value.isTextual() ? value.textValue() : JsonText.of(value);
    }

    private static String pair(String name, String value) {
        return encoded(name) + "=" + encoded(value);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(WellFormed.text(text), StandardCharsets.UTF_8);
    }

    private static RequestBody of(String text, Format format) {
        return new RequestBody(text.getBytes(StandardCharsets.UTF_8), format.contentType());
    }
}
