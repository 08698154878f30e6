package io.engagementwebhooks.api.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.deliver.judge.Answer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The result of a test of a webhook, as the API shows it.
 *
 * @param matches whether the webhook would get the event
 * @param why it would not, or null
 * @param event the one that was sent
 * @param delivery the id of the delivery that it is recorded as, or null
 * @param outcome what it would mean for a delivery
 * @param reason of the outcome, or null
 * @param note something worth knowing, or null
 * @param timing milliseconds of its parts, or null
 * @param request null: none was made
 * @param response null: there was none
 */
public record TestedView(
        boolean matches,
        String why,
        JsonNode event,
        String delivery,
        String outcome,
        String reason,
        String note,
        String startedAt,
        long ms,
        Map<String, Double> timing,
        TriedRequestView request,
        Response response) {

    /** The receiver's response. @param bodyBase64 instead of {@code body} if that is not text, else null */
    public record Response(
            int status,
            Map<String, String> headers,
            @JsonInclude(JsonInclude.Include.NON_NULL) String body,
            @JsonInclude(JsonInclude.Include.NON_NULL) String bodyBase64,
            String note) {

        /** @param answer null gives null */
        static Response of(Answer answer) {
            if (answer == null) {
                return null;
            }
            byte[] body = Arrays.copyOf(answer.body(), Math.min(answer.body().length, Answer.KEPT_BYTES));
            Optional<String> text = DeliveryView.utf8(body);
            return new Response(
                    answer.status(),
                    new TreeMap<>(answer.headers()),
                    text.orElse(null),
                    text.isPresent() ? null : DeliveryView.base64(body),
                    answer.note().isEmpty() ? null : answer.note());
        }

        /** The body as text or Base64. */
        public String shownBody() {
            return body == null ? bodyBase64 : body;
        }
    }
}
