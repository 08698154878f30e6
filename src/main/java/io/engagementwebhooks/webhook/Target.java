package io.engagementwebhooks.webhook;

import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The target of a webhook. */
public sealed interface Target {

    /** How its requests are signed; not at all if the third party defines the format. */
    default Signing signing() {
        return Signing.NONE;
    }

    /** A copy signed by all keys of the account, unless the webhook selects its keys. */
    default Target signedBy(List<SigningKey> keys) {
        return this;
    }

    /**
     * An HTTP receiver.
     *
     * @param url https, or http where egress rules allow it
     * @param method POST by default; PUT or PATCH
     * @param body the body
     * @param headers the webhook's own headers, in order; none that HTTP or the product sets
     * @param signing how requests are signed
     * @param tls the client certificate and the trusted authorities
     */
    record Http(URI url, String method, Body body, Map<String, Template> headers, Signing signing, Tls tls)
            implements Target {
        public Http {
            Objects.requireNonNull(url);
            Objects.requireNonNull(method);
            Objects.requireNonNull(body);
            Objects.requireNonNull(signing);
            headers = OrderedMaps.copyOf(headers);
            Objects.requireNonNull(tls);
        }

        @Override
        public Http signedBy(List<SigningKey> keys) {
            Signing signed = signing.byAccount(keys);
            return signed == signing ? this : with(signed, tls);
        }

        /** A copy with other signatures and TLS settings. */
        public Http with(Signing otherSigning, Tls otherTls) {
            return new Http(url, method, body, headers, otherSigning, otherTls);
        }

        /** A receiver with default TLS settings. */
        public Http(URI url, String method, Body body, Map<String, Template> headers, Signing signing) {
            this(url, method, body, headers, signing, Tls.DEFAULT);
        }
    }

    /**
     * The webhook's own request to a path of a third party: the connection gives authentication and host.
     *
     * @param request as for an HTTP receiver; its URL is a path, with a query or without
     */
    record OwnRequest(Http request) implements Target {
        public OwnRequest {
            Objects.requireNonNull(request);
        }

        @Override
        public Signing signing() {
            return request.signing();
        }

        @Override
        public Target signedBy(List<SigningKey> keys) {
            Http signed = request.signedBy(keys);
            return signed == request ? this : new OwnRequest(signed);
        }
    }

    /**
     * People who are notified by e-mail, through the mail server of the operator.
     *
     * @param to 1 to {@value #MOST} addresses, each without spaces, commas and control characters
     */
    record Email(List<String> to) implements Target {
        /** The destination whose webhooks send e-mail. */
        public static final String DESTINATION = "email";

        /** A message goes to so many addresses at most. */
        public static final int MOST = 10;

        public Email {
            to = List.copyOf(to);
        }

        /** As the definition has it. */
        public URI url() {
            return URI.create("mailto:" + String.join(",", to));
        }
    }

    /**
     * Another system, by a sink Kamelet that the operator allows.
     *
     * @param name of the Kamelet, such as {@code kafka-sink}
     * @param properties the webhook's own, by name; some are credentials
     * @param message the body, as for an HTTP receiver; its URL is only shown
     */
    record Kamelet(String name, Map<String, Secret> properties, Http message) implements Target {
        /** The destination whose webhooks send to Kamelets. */
        public static final String DESTINATION = "kamelet";

        public Kamelet {
            Objects.requireNonNull(name);
            properties = OrderedMaps.copyOf(properties);
            Objects.requireNonNull(message);
        }
    }

    /**
     * A record in a Salesforce org.
     *
     * @param operation create or upsert
     * @param object the object's API name, {@code Task} by default; of a platform event it ends with {@code __e}
     * @param externalId the external id field, for upsert
     * @param externalIdValue its value, for upsert
     * @param fields API name to value; empty: the default mapping of a call Task
     */
    record Salesforce(
            Operation operation,
            String object,
            Optional<String> externalId,
            Optional<FieldValue> externalIdValue,
            Map<String, FieldValue> fields)
            implements Target {
        /** The operation on the record. */
        public enum Operation {
            CREATE,
            UPSERT,
            PLATFORM_EVENT;

            /** The word used in configuration files. */
            public String text() {
                return name().toLowerCase(Locale.ROOT).replace('_', '-');
            }
        }

        public Salesforce {
            Objects.requireNonNull(operation);
            Objects.requireNonNull(object);
            Objects.requireNonNull(externalId);
            Objects.requireNonNull(externalIdValue);
            fields = OrderedMaps.copyOf(fields);
        }
    }

    /**
     * Several records in a Salesforce org, in one request: all or none.
     *
     * @param parts in the order of the writes, 1 to {@value #MOST}
     */
    record SalesforceComposite(List<Part> parts) implements Target {
        /** Salesforce's limit per request. */
        public static final int MOST = 25;

        public SalesforceComposite {
            parts = List.copyOf(parts);
        }

        /**
         * One of the records.
         *
         * @param name its name for links of other parts
         * @param when a jq program; the part is written if it returns true; empty: always
         * @param record create or upsert
         * @param links fields set to the id of an earlier part's record, by its name; omitted with that part
         */
        public record Part(String name, Optional<JqProgram> when, Salesforce record, Map<String, String> links) {
            public Part {
                Objects.requireNonNull(name);
                Objects.requireNonNull(when);
                Objects.requireNonNull(record);
                links = OrderedMaps.copyOf(links);
            }
        }
    }

    /**
     * An enrichment of a Contentsquare session.
     *
     * @param fields schema field to value; empty: each schema field from the field of the same name in the event's data
     * @param sessionPath dotted path in the event to the object with projectId, userId and sessionNumber
     */
    record Contentsquare(Map<String, FieldValue> fields, String sessionPath) implements Target {
        /** The default session path. */
        public static final String DEFAULT_SESSION_PATH = "data.web.contentsquare";

        public Contentsquare {
            fields = OrderedMaps.copyOf(fields);
            Objects.requireNonNull(sessionPath);
        }
    }
}
