package io.engagementwebhooks.webhook;

import java.util.Objects;

/** A resource of an account: a webhook, a client, a connection, a key or an event type. */
public sealed interface Resource {

    ResourceKind kind();

    /** Unique among those of its kind in the account. */
    String name();

    /** A webhook. */
    record OfWebhook(Webhook webhook) implements Resource {
        public OfWebhook {
            Objects.requireNonNull(webhook);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.WEBHOOK;
        }

        @Override
        public String name() {
            return webhook.name();
        }
    }

    /** An OAuth client. */
    record OfOAuthClient(OAuthClient client) implements Resource {
        public OfOAuthClient {
            Objects.requireNonNull(client);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.OAUTH_CLIENT;
        }

        @Override
        public String name() {
            return client.name();
        }
    }

    /** A connection to Salesforce. */
    record OfSalesforce(SalesforceConnection connection) implements Resource {
        public OfSalesforce {
            Objects.requireNonNull(connection);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.CONNECTION;
        }

        @Override
        public String name() {
            return connection.name();
        }
    }

    /** A connection to Contentsquare. */
    record OfContentsquare(ContentsquareConnection connection) implements Resource {
        public OfContentsquare {
            Objects.requireNonNull(connection);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.CONNECTION;
        }

        @Override
        public String name() {
            return connection.name();
        }
    }

    /** An API key. */
    record OfApiKey(ApiKey key) implements Resource {
        public OfApiKey {
            Objects.requireNonNull(key);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.API_KEY;
        }

        @Override
        public String name() {
            return key.name();
        }
    }

    /** An event type of the account. */
    record OfEventType(EventType type) implements Resource {
        public OfEventType {
            Objects.requireNonNull(type);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.EVENT_TYPE;
        }

        @Override
        public String name() {
            return type.type();
        }
    }

    /** A signing key of the account. */
    record OfSigningKey(SigningKey key) implements Resource {
        public OfSigningKey {
            Objects.requireNonNull(key);
        }

        @Override
        public ResourceKind kind() {
            return ResourceKind.SIGNING_KEY;
        }

        @Override
        public String name() {
            return key.id();
        }
    }
}
