import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Sends an event. If it fails, send the event again with the same id: a duplicate is not delivered twice. */
public final class Send {

    public static void main(String[] args) throws Exception {
        CloudEvent event = CloudEventBuilder.v1()
                .withId(UUID.randomUUID().toString())
                .withSource(URI.create("/calls"))
                .withType("call.ended")
                .withData("application/json", "{\"cdr_id\": 1, \"duration\": 192}".getBytes(StandardCharsets.UTF_8))
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("WEBHOOKS_URL") + "/v1/events"))
                .header("Authorization", "Bearer " + System.getenv("ACME_INGEST_KEY"))
                .header("Content-Type", JsonFormat.CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(new JsonFormat().serialize(event)))
                .build();
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(response.statusCode() + " " + response.body());
        }
        System.out.println(response.body());
    }
}
