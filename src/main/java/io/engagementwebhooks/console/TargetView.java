package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.Signing;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Tls;
import io.engagementwebhooks.webhook.Webhook;
import java.util.List;

/**
 * The target of a webhook. Members that its kind does not have are null and left out.
 *
 * @param kind http, salesforce, contentsquare or email
 * @param operation at the third party
 * @param object the third party's object
 * @param objects those of a composite request
 * @param method the HTTP method
 * @param url without possible secrets in its query
 * @param path likewise, if the third party gives the host
 * @param tls its own TLS settings, or null: the defaults
 * @param signature of requests, or none
 * @param signingKeys ids of the keys that sign them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TargetView(
        String kind,
        String operation,
        String object,
        List<String> objects,
        String method,
        String url,
        String path,
        TlsView tls,
        String signature,
        List<String> signingKeys) {

    static TargetView of(Webhook webhook) {
        Target target = webhook.delivery().target();
        if (target instanceof Target.Http http) {
            return ofHttp(http);
        }
        if (target instanceof Target.Salesforce salesforce) {
            return third("salesforce", salesforce.operation().text(), salesforce.object(), null);
        }
        if (target instanceof Target.SalesforceComposite composite) {
            List<String> objects = composite.parts().stream()
                    .map(part -> part.record().object())
                    .toList();
            return third("salesforce", "composite", null, objects);
        }
        if (target instanceof Target.OwnRequest own) {
            String kind = webhook.delivery().authentication().type();
            String method = own.request().method();
            String path = PublicUrl.path(own.request().url());
            return new TargetView(kind, "raw", null, null, method, null, path, null, null, null);
        }
        if (target instanceof Target.Email email) {
            String url = email.url().toString();
            return new TargetView(Target.Email.DESTINATION, null, null, null, null, url, null, null, null, null);
        }
        return third("contentsquare", null, null, null);
    }

    private static TargetView third(String kind, String operation, String object, List<String> objects) {
        return new TargetView(kind, operation, object, objects, null, null, null, null, null, null);
    }

    private static TargetView ofHttp(Target.Http http) {
        List<String> keys = http.signing().form() == Signing.Form.NONE
                ? List.of()
                : http.signing().keys().stream().map(SigningKey::id).toList();
        return new TargetView(
                "http",
                null,
                null,
                null,
                http.method(),
                PublicUrl.of(http.url()),
                null,
                http.tls().equals(Tls.DEFAULT) ? null : TlsView.of(http.tls()),
                http.signing().form().text(),
                keys);
    }
}
