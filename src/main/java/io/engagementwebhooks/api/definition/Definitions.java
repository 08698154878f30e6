package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ConfigSource;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Definitions of the file and the API, without secrets. Thread-safe. */
public record Definitions(ApiDefinitions made, ConfigSource configs) {

    /** Definitions of the file change with the file only, so their tags need not outlive the process. */
    private static final HmacKey TAGS = HmacKey.generate(new SecureRandom());

    /** The name of the resource that a path names by id or name; an unknown id is returned unchanged. */
    String name(ApiRequest request, ResourceKind kind) {
        return name(request.account(), kind, request.resource());
    }

    /** The name of a resource given by id or name; an unknown id is returned unchanged. */
    String name(String account, ResourceKind kind, String idOrName) {
        return kind.isId(idOrName)
                ? configs.get()
                        .name(account, kind, idOrName)
                        .or(() -> made.name(account, kind, idOrName))
                        .orElse(idOrName)
                : idOrName;
    }

    /** The id of a resource; empty: none has this name. */
    public Optional<String> id(String account, ResourceKind kind, String name) {
        return configs.ofFile().id(account, kind, name).or(() -> made.kept(account, kind, name)
                .map(ApiDefinitions.Kept::id));
    }

    public String managedBy(String account, ResourceKind kind, String name) {
        return byApi(account, kind, name).isPresent() ? "api" : "file";
    }

    /** The definition of a resource. */
    public DefinedView defined(String account, ResourceKind kind, String name) {
        Optional<ApiDefinitions.Kept> kept = byApi(account, kind, name);
        return new DefinedView(
                DeliveryView.text(kept.map(ApiDefinitions.Kept::changedAt).orElse(null)),
                kept.map(ApiDefinitions.Kept::problem).orElse(null),
                kept.<JsonNode>map(known -> shown(kind, known.definition()))
                        .or(() -> ofFile(account, kind, name)
                                .map(json -> Masked.shown(kind, ApiDefinitions.parsed(json))))
                        .orElse(null));
    }

    /** Bytes of a definition as stored, or 0 if there is none. */
    public int size(String account, ResourceKind kind, String name) {
        return byApi(account, kind, name).map(ApiDefinitions.Kept::size).orElseGet(() -> ofFile(account, kind, name)
                .map(json -> json.length)
                .orElse(0));
    }

    /** Changes with the definition. */
    public String version(String account, ResourceKind kind, String name) {
        return byApi(account, kind, name)
                .map(ApiDefinitions.Kept::version)
                .orElseGet(
                        () -> hash(ofFile(account, kind, name).orElseGet(() -> name.getBytes(StandardCharsets.UTF_8))));
    }

    private Optional<ApiDefinitions.Kept> byApi(String account, ResourceKind kind, String name) {
        return isOfFile(configs.ofFile(), account, kind, name) ? Optional.empty() : made.kept(account, kind, name);
    }

    private Optional<byte[]> ofFile(String account, ResourceKind kind, String name) {
        return configs.ofFile().definition(account, kind, name);
    }

    /** A webhook created with the API that is inactive. */
    public Optional<WebhookId> resting(String account, String name) {
        return byApi(account, ResourceKind.WEBHOOK, name)
                .filter(ApiDefinitions.Kept::isResting)
                .map(kept -> new WebhookId(account, kept.id(), name));
    }

    /** A definition of the API with secrets masked. */
    static JsonNode shown(ResourceKind kind, ObjectNode definition) {
        return Masked.shown(kind, plain(definition));
    }

    /** Without internal members; an API key has no secret left. */
    static ObjectNode plain(ObjectNode definition) {
        return definition.deepCopy().without(List.of("sha256"));
    }

    /** Whether the file has a resource of this name. */
    static boolean isOfFile(Config file, String account, ResourceKind kind, String name) {
        return kind == ResourceKind.WEBHOOK
                ? file.webhook(account, name).isPresent()
                : ApiDefinitions.ofFile(file, account, kind)
                        .anyMatch(resource -> resource.name().equals(name));
    }

    public static ProblemException invalid(List<FieldFault> faults) {
        return new ProblemException(Problem.invalid(faults.stream()
                .map(fault -> new Problem.Field(fault.pointer(), fault.detail(), fault.wayOut(), fault.code()))
                .toList()));
    }

    /**
     * With a key: all but the secrets of a definition is shown beside it, so a plain hash would let callers test
     * guessed secrets.
     */
    private static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(TAGS.sign(bytes), 0, 16);
    }
}
