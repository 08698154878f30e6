package io.engagementwebhooks.webhook.auth;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The scope, audience and other parameters of a token request.
 *
 * @param scope scopes with spaces between them, or empty
 * @param audience the audience, for servers that require it (not standardized)
 * @param resources the resources of RFC 8707, in order
 * @param further further form fields, in order
 */
public record TokenParameters(String scope, Optional<String> audience, List<URI> resources, List<FormField> further) {

    /** Names of fields set by the product, so not allowed in {@link #further}. */
    public static final Set<String> OURS = Set.of(
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "scope",
            "audience",
            "resource");

    public TokenParameters {
        Objects.requireNonNull(scope);
        Objects.requireNonNull(audience);
        resources = List.copyOf(resources);
        further = List.copyOf(further);
        further.stream().map(FormField::name).filter(OURS::contains).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("'" + name + "' is a field of ours");
        });
    }

    /** Only a scope. */
    public static TokenParameters scope(String scope) {
        return new TokenParameters(scope, Optional.empty(), List.of(), List.of());
    }

    /**
     * A field of the form.
     *
     * @param name its name
     * @param value its value
     * @param shown whether the value is plain text in the configuration, so that it may be shown
     */
    public record FormField(String name, Secret value, boolean shown) {
        public FormField {
            Objects.requireNonNull(name);
            Objects.requireNonNull(value);
        }
    }
}
