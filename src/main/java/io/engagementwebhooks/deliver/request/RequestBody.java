package io.engagementwebhooks.deliver.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Body.Format;
import io.engagementwebhooks.webhook.template.BodyFault;
import io.engagementwebhooks.webhook.template.BoundedText;
import io.engagementwebhooks.webhook.template.JsonText;
import io.engagementwebhooks.webhook.template.Template;

/**
 * The body of a request and its content type.
 *
 * @param bytes the bytes sent
 * @param contentType used unless the webhook sets its own header
 */
record RequestBody(byte[] bytes, String contentType) {

    static final String CLOUD_EVENT = "application/cloudevents+json";

    /**
     * @param content the JSON that templates and programs read; null if {@link #isEventItself}
     * @throws BodyFault if the template or program cannot build a body from this event, or it exceeds the limit
     */
    static RequestBody of(Body body, Delivery delivery, JsonNode content) {
        if (body instanceof Body.Templated templated) {
            return new RequestBody(
                    templated.template().bytes(content), templated.format().contentType());
        }
        if (body instanceof Body.Program program) {
            return of(program.program(), program.format(), content);
        }
        if (body instanceof Body.Form form) {
            return of(form, content);
        }
        return isEventItself(body, delivery)
                ? new RequestBody(delivery.event().document(), CLOUD_EVENT)
                : of(BoundedText.withoutLimit(), content, CLOUD_EVENT);
    }

    /** Whether the body is the event's document, unchanged. */
    static boolean isEventItself(Body body, Delivery delivery) {
        return body instanceof Body.WholeEvent && delivery.later() == null;
    }

    private static RequestBody of(BoundedText text, JsonNode json, String contentType) {
        JsonText.append(text, json);
        return new RequestBody(text.toBytes(), contentType);
    }

    private static RequestBody of(Body.Form form, JsonNode event) {
        BoundedText text = BoundedText.body();
        form.fields().forEach((name, value) -> append(text, name, value.render(event)));
        return new RequestBody(text.toBytes(), Format.FORM.contentType());
    }

    private static RequestBody of(JqProgram program, Format format, JsonNode event) {
        JsonNode answer = program.first(event);
        if (answer.isMissingNode()) {
            throw new BodyFault("the body's jq program answered nothing");
        }
        return format == Format.JSON ? of(BoundedText.body(), answer, Format.JSON.contentType()) : form(answer);
    }

    private static RequestBody form(JsonNode answer) {
        if (!answer.isObject()) {
            throw new BodyFault("the body's jq program must answer an object, whose members are the form's fields");
        }
        BoundedText text = BoundedText.body();
        answer.properties().forEach(member -> append(text, member.getKey(), Template.plain(member.getValue())));
        return new RequestBody(text.toBytes(), Format.FORM.contentType());
    }

    private static void append(BoundedText form, String name, String value) {
        if (form.size() > 0) {
            form.append('&');
        }
        form.appendFormValue(name).append('=').appendFormValue(value);
    }
}
