package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ApiKeyView;
import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.OAuthClientView;
import io.engagementwebhooks.console.SettingView;
import io.engagementwebhooks.console.SigningKeyView;
import io.engagementwebhooks.console.pages.SettingField.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The kinds of things on the Settings page, each with its form. */
enum SettingKind {
    OAUTH_CLIENT(
            "oauth-client",
            "OAuth client",
            "oauth-client",
            "showOAuthClient",
            "testOAuthClient",
            SettingField.text("name", "Name", "crm").needed(),
            SettingField.text("clientId", "Client ID", null).needed(),
            SettingField.of("clientSecret", "Client Secret", Kind.SECRET, null).onlyWith("header", "body"),
            SettingField.text("authenticationEndpoint", "Authentication Endpoint", "https://auth.crm.example.com")
                    .needed(),
            SettingField.text("scope", "Scope", null)
                    .hinted("Several with spaces between them; empty: none is asked for."),
            SettingField.of("tokenPath", "Token Path", Kind.TEXT_OR_NONE, "/oauth2/token"),
            SettingField.choice(
                    "authorizationMethod",
                    "Authorization Method",
                    "header",
                    "Header",
                    "body",
                    "Body",
                    "private_key_jwt",
                    "Signed assertion (private_key_jwt)",
                    "tls_client_auth",
                    "Client certificate (tls_client_auth)",
                    "self_signed_tls_client_auth",
                    "Self-signed certificate (self_signed_tls_client_auth)",
                    "none",
                    "None (Client ID alone)"),
            SettingField.choice(
                            "encoding",
                            "Encoding of id and secret",
                            "rfc6749",
                            "As RFC 6749 has it",
                            "raw",
                            "As they are")
                    .onlyWith("header", "body")
                    .apart(),
            SettingField.text("audience", "Audience", null).apart(),
            SettingField.of("resource", "Resource", Kind.LIST, null).apart(),
            SettingField.of("parameters", "Further parameters of the form", Kind.PAIRS, "tenant: acme")
                    .apart(),
            SettingField.of("privateKey", "Private key", Kind.LONG_SECRET, "-----BEGIN PRIVATE KEY-----")
                    .hinted("For a signed assertion: PKCS#8 in PEM.")
                    .onlyWith("private_key_jwt"),
            SettingField.text("keyId", "Key id", null)
                    .onlyWith("private_key_jwt")
                    .apart(),
            SettingField.text("algorithm", "Algorithm", "what fits the key")
                    .onlyWith("private_key_jwt")
                    .apart(),
            SettingField.text("assertionAudience", "Audience of the assertion", "the token URL")
                    .onlyWith("private_key_jwt")
                    .apart(),
            SettingField.of("tls.certificate", "Client certificate", Kind.LONG, "-----BEGIN CERTIFICATE-----")
                    .hinted(
                            "In PEM, followed by those that issued it. Emptied, its key goes with it; given, a store goes.")
                    .apart(),
            SettingField.of("tls.key", "Key of the client certificate", Kind.LONG_SECRET, "-----BEGIN PRIVATE KEY-----")
                    .hinted("PKCS#8 in PEM.")
                    .apart(),
            SettingField.of("tls.pkcs12", "Both as a PKCS12 store", Kind.SECRET_OR_NONE, null)
                    .hinted("In Base64, in place of certificate and key: given, these go.")
                    .apart(),
            SettingField.of("tls.password", "Password of the store", Kind.SECRET, null)
                    .apart(),
            SettingField.of("tls.ca", "The only authority that is trusted", Kind.LONG, "-----BEGIN CERTIFICATE-----")
                    .hinted("In PEM; empty: the usual ones.")
                    .apart(),
            SettingField.flag(
                            "certificateBoundTokens",
                            "Tokens bound to the certificate",
                            "Yes: receivers are shown it too")
                    .apart()),
    SALESFORCE(
            "salesforce",
            "Salesforce connection",
            "connection",
            "showConnection",
            "testConnection",
            SettingField.text("name", "Name", "sales").needed(),
            SettingField.text("loginUrl", "Login URL", "https://acme.my.salesforce.com")
                    .needed()
                    .hinted("The org's My Domain."),
            SettingField.text("clientId", "Consumer key", null).needed().hinted("Of the external client app."),
            SettingField.of("clientSecret", "Consumer secret", Kind.SECRET, null)
                    .onlyWith("client-credentials", "refresh-token", "password"),
            SettingField.choice(
                    "login",
                    "Login",
                    "client-credentials",
                    "Client credentials",
                    "jwt-bearer",
                    "JWT bearer",
                    "refresh-token",
                    "Refresh token",
                    "password",
                    "User and password, as long as Salesforce takes them"),
            SettingField.of("privateKey", "Private key", Kind.LONG_SECRET, "-----BEGIN PRIVATE KEY-----")
                    .hinted("For JWT bearer: the RSA key of the app's certificate, PKCS#8 in PEM.")
                    .onlyWith("jwt-bearer"),
            SettingField.text("user", "User that calls are written as", null).onlyWith("jwt-bearer", "password"),
            SettingField.text("audience", "Audience of the assertion", "https://login.salesforce.com")
                    .onlyWith("jwt-bearer")
                    .apart(),
            SettingField.of("refreshToken", "Refresh token", Kind.SECRET, null).onlyWith("refresh-token"),
            SettingField.of("password", "Password", Kind.SECRET, null)
                    .hinted("With the user's security token behind it.")
                    .onlyWith("password"),
            SettingField.flag("allowPasswordLogin", "Log in by password", "Yes, knowing that it will end")
                    .onlyWith("password"),
            SettingField.text("apiVersion", "API version", "62.0").apart(),
            SettingField.of("instanceSuffix", "Hosts that an answer may name", Kind.LIST, "salesforce.com")
                    .apart(),
            SettingField.of("batchSize", "Records in a request", Kind.NUMBER, "200")
                    .apart(),
            SettingField.text("batchWait", "How long a request waits for more", "50ms")
                    .apart()),
    CONTENTSQUARE(
            "contentsquare",
            "Contentsquare connection",
            "connection",
            "showConnection",
            "testConnection",
            SettingField.text("name", "Name", "insights").needed(),
            SettingField.text("clientId", "Client ID", null).needed(),
            SettingField.of("clientSecret", "Client Secret", Kind.SECRET, null),
            SettingField.of("projectId", "Project id", Kind.NUMBER, "the credentials' own"),
            SettingField.of("integrationVersion", "Integration version", Kind.NUMBER, "1")
                    .needed(),
            SettingField.of("schema", "Schema of the integration", Kind.SCHEMA, "call_duration: INT")
                    .needed()
                    .hinted(
                            "One field in a line: name and type (BOOL, DATETIME, FLOAT, INT, STRING), then 'optional' where"
                                    + " it is."),
            SettingField.text("createdOn", "Credentials made on", "2026-11-01")
                    .hinted("They expire a year later; you are warned 30 days before."),
            SettingField.text("scope", "Scope", null).apart(),
            SettingField.text("tokenUrl", "Token URL", "https://api.contentsquare.com/v1/oauth/token")
                    .apart(),
            SettingField.text("endpointSuffix", "Hosts that an answer may name", "contentsquare.com")
                    .apart(),
            SettingField.of("batchSize", "Enrichments in a request", Kind.NUMBER, "50")
                    .apart(),
            SettingField.text("batchWait", "How long a request waits for more", "20ms")
                    .apart()),
    API_KEY(
            "api-key",
            "API key",
            "api-key",
            "showApiKey",
            null,
            SettingField.text("name", "Name", "call-platform").needed().hinted("Who or what will use it."),
            SettingField.choice(
                    "role",
                    "Role",
                    "ingest",
                    "ingest: sends events",
                    "read",
                    "read: looks at everything",
                    "admin",
                    "admin: does everything"),
            SettingField.text("until", "Good until", "2027-12-31T00:00:00Z").hinted("Empty: without an end.")),
    SIGNING_KEY(
            "signing-key",
            "signing key",
            "signing-key",
            "showSigningKey",
            null,
            SettingField.text("id", "Id", "k1").needed(),
            SettingField.choice(
                    "scheme",
                    "Kind",
                    "v1",
                    "v1: a secret that receivers share (HMAC)",
                    "v1a",
                    "v1a: a pair, receivers know the public half (Ed25519)"),
            SettingField.text("from", "Signs from", null).apart(),
            SettingField.text("until", "Signs until", null).apart());

    /** Connected apps cannot be made by default since Spring '26, so an external client app comes first. */
    private static final List<Guide> SALESFORCE_GUIDE = List.of(
            new Guide(
                    "Consumer key and secret: an external client app",
                    List.of(
                            "In Salesforce Setup, open App Manager and choose New External Client App. (New connected apps are"
                                    + " off by default since Spring '26.)",
                            "Enable OAuth with the scope \"Manage user data via APIs (api)\".",
                            "Enable the Client Credentials Flow, and on the Policies tab choose the user it runs as.",
                            "On the Settings tab, open Consumer Key and Secret, and copy both.")),
            new Guide(
                    "Login URL",
                    List.of(
                            "In Setup, open My Domain and copy the current My Domain URL. login.salesforce.com does not take"
                                    + " client credentials.")),
            new Guide(
                    "JWT bearer instead",
                    List.of(
                            "Enable the JWT Bearer Flow in the app and upload a certificate.",
                            "Under Advanced choose Login \"JWT bearer\", give the certificate's RSA private key and the user,"
                                    + " and preauthorize that user in the app's policies.")));

    private static final List<Guide> CONTENTSQUARE_GUIDE = List.of(new Guide(
            "Client ID and Client Secret",
            List.of(
                    "In Contentsquare, open Console → API credentials and create credentials for the project with the scope of"
                            + " the Enrichment API.",
                    "Copy both. They end a year after their creation: enter that day, and you are warned 30 days before.",
                    "Enter the Project id only with credentials of a whole account.",
                    "Integration version and schema are those of the installed integration.")));

    private final String path;
    private final String words;
    private final String apiKind;
    private final String showStep;
    private final String testStep;
    private final List<SettingField> fields;

    SettingKind(String path, String words, String apiKind, String showStep, String testStep, SettingField... fields) {
        this.path = path;
        this.words = words;
        this.apiKind = apiKind;
        this.showStep = showStep;
        this.testStep = testStep;
        this.fields = List.of(fields);
    }

    static Optional<SettingKind> of(String path) {
        return Arrays.stream(values()).filter(kind -> kind.path.equals(path)).findFirst();
    }

    /** Its part of the page's address. */
    String path() {
        return path;
    }

    /** For people. */
    String words() {
        return words;
    }

    /** What it is called in the API's steps; with an s in its paths. */
    String apiKind() {
        return apiKind;
    }

    /** In the API's paths. */
    String list() {
        return apiKind + "s";
    }

    String showStep() {
        return showStep;
    }

    /** The step that tries one out, or null: it cannot be tried out. */
    String testStep() {
        return testStep;
    }

    /** Whether it can be changed once it is there; else it is removed and another made. */
    boolean isEditable() {
        return this != SIGNING_KEY;
    }

    List<SettingField> fields() {
        return fields;
    }

    /** The label of a field. @throws java.util.NoSuchElementException if it has no such field */
    String label(String key) {
        return fields.stream()
                .filter(field -> field.key().equals(key))
                .findFirst()
                .orElseThrow()
                .label();
    }

    /** The member by whose choice others go or do not, or null. */
    String chooser() {
        return switch (this) {
            case OAUTH_CLIENT -> "authorizationMethod";
            case SALESFORCE -> "login";
            default -> null;
        };
    }

    /** What stands in a definition to tell connections apart, or null. */
    String type() {
        return apiKind.equals("connection") ? path : null;
    }

    /**
     * A part of the help on where to find what a form asks for.
     *
     * @param title what is found
     * @param steps in their order
     */
    record Guide(String title, List<String> steps) {}

    /** Where to find what the form asks for; empty: that is clear. */
    List<Guide> guide() {
        return switch (this) {
            case SALESFORCE -> SALESFORCE_GUIDE;
            case CONTENTSQUARE -> CONTENTSQUARE_GUIDE;
            default -> List.of();
        };
    }

    /** The list it is in. */
    SettingsList ofList() {
        return switch (this) {
            case OAUTH_CLIENT -> SettingsList.CLIENTS;
            case SALESFORCE, CONTENTSQUARE -> SettingsList.CONNECTIONS;
            case API_KEY -> SettingsList.API_KEYS;
            case SIGNING_KEY -> SettingsList.SIGNING_KEYS;
        };
    }

    /** The name of one. */
    String name(SettingView view) {
        if (view instanceof OAuthClientView client) {
            return client.name();
        }
        if (view instanceof ConnectionView connection) {
            return connection.name();
        }
        return view instanceof ApiKeyView key ? key.name() : ((SigningKeyView) view).id();
    }

    /** What is shown this once: a key, a secret, the public half of a pair; null: nothing. */
    String once(SettingView view) {
        if (view instanceof ApiKeyView key) {
            return key.key();
        }
        return view instanceof SigningKeyView key ? key.secret() == null ? key.publicKey() : key.secret() : null;
    }

    /** The member that names it. */
    String nameKey() {
        return this == SIGNING_KEY ? "id" : "name";
    }
}
