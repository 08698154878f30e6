import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.CredentialsApi;
import org.openapitools.client.api.DeliveriesApi;
import org.openapitools.client.api.EventsApi;
import org.openapitools.client.api.WebhooksApi;
import org.openapitools.client.model.AuthenticationDefinition;
import org.openapitools.client.model.ConnectionDefinition;
import org.openapitools.client.model.DeliveryDefinition;
import org.openapitools.client.model.Event;
import org.openapitools.client.model.FieldProgram;
import org.openapitools.client.model.FieldValue;
import org.openapitools.client.model.OAuthClientDefinition;
import org.openapitools.client.model.SalesforceConnectionDefinition;
import org.openapitools.client.model.SalesforceTargetDefinition;
import org.openapitools.client.model.WebhookDefinition;

/** What a customer's program does by a client that was generated of docs/openapi.yaml. */
public final class FirstSteps {

    private FirstSteps() {}

    private static ApiClient client(String api, String key) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(api);
        return client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
    }

    /** Sets up a connection, an OAuth client and a webhook for each, and sends an event. */
    public static void configure(String api, String key, Map<String, String> jvm) throws ApiException {
        ApiClient client = client(api, key);
        CredentialsApi credentials = new CredentialsApi(client);
        credentials.createConnection(new ConnectionDefinition(new SalesforceConnectionDefinition()
                .name("org")
                .type(SalesforceConnectionDefinition.TypeEnum.SALESFORCE)
                .loginUrl(jvm.get("salesforce"))
                .clientId(jvm.get("consumerKey"))
                .clientSecret(jvm.get("consumerSecret"))
                .instanceSuffix(List.of("127.0.0.1"))));
        credentials.createOAuthClient(new OAuthClientDefinition()
                .name("crm")
                .clientId("webhooks")
                .clientSecret("a-secret")
                .authenticationEndpoint(jvm.get("tokens")));
        check(credentials.testOAuthClient("crm").getOk());
        WebhooksApi webhooks = new WebhooksApi(client);
        webhooks.createWebhook(new WebhookDefinition()
                .name("calls as tasks")
                .events(List.of("call.ended"))
                .delivery(new DeliveryDefinition()
                        .authentication(new AuthenticationDefinition()
                                .type(AuthenticationDefinition.TypeEnum.SALESFORCE)
                                .connection("org"))
                        .salesforce(new SalesforceTargetDefinition()
                                .putFieldsItem("Subject", new FieldValue("Call {cdr_id}"))
                                .putFieldsItem(
                                        "CallDurationInSeconds",
                                        new FieldValue(new FieldProgram().jq(".data.duration"))))));
        webhooks.createWebhook(new WebhookDefinition()
                .name("calls to the CRM")
                .events(List.of("call.ended"))
                .condition(".data.duration >= 120")
                .retry(List.of("5s", "1m"))
                .delivery(new DeliveryDefinition()
                        .url(jvm.get("receiver"))
                        .body("{\"call\": \"{cdr_id}\"}")
                        .authentication(new AuthenticationDefinition()
                                .type(AuthenticationDefinition.TypeEnum.OAUTH2)
                                .client("crm"))));
        check(credentials.testConnection("org").getOk());
        check(webhooks.showWebhook("calls to the CRM").getDefinition() instanceof Map<?, ?> definition
                && ".data.duration >= 120".equals(definition.get("condition")));
        new EventsApi(client)
                .sendEvents(
                        new Event()
                                .specversion("1.0")
                                .id("4711")
                                .source("/pbx")
                                .type("call.ended")
                                .data(Map.of("cdr_id", 914022177, "duration", 184)),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
    }

    /** How the event's deliveries ended. */
    public static List<String> states(String api, String key) throws ApiException {
        return new DeliveriesApi(client(api, key))
                .listDeliveries(null, "4711", "call.ended", null, null, null, null, null, null, null, null, null, null, null, null, null).getItems().stream()
                        .map(delivery -> delivery.getWebhook() + ": " + delivery.getState())
                        .sorted()
                        .toList();
    }

    private static void check(Boolean isSo) {
        if (!isSo) {
            throw new IllegalStateException("what was set up does not work");
        }
    }
}
