package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.YamlNode;
import io.engagementwebhooks.webhook.HeaderNames;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.signing.CustomSignature;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.signing.Signing.Form;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the signature settings of a webhook. */
record SigningReader(AccountReader account) {

    /** The headers of an HTTP message signature. */
    static final Set<String> OF_RFC9421 = Set.of("content-digest", "signature-input", "signature");

    /** @param ownHeaders names of the webhook's own headers */
    Signing read(Mapping delivery, Set<String> ownHeaders) {
        Form form = form(delivery);
        boolean named = delivery.has("signingKeys");
        List<SigningKey> keys = named ? keys(delivery) : form == Form.NONE ? List.of() : ofAccount();
        if (delivery.has("signature") && form != Form.NONE && !named && !account.hasSigningKeys()) {
            delivery.fault(
                    "signature",
                    "signing-key-missing",
                    "'signature' needs a key, and " + account.resource() + " has none",
                    "add 'signingKeys' to the account or here");
        }
        if (form.isRfc9421()) {
            refuse(delivery, ownHeaders);
        }
        Optional<CustomSignature> custom =
                delivery.mapping("signing").map(item -> custom(item.inner("custom"), delivery, form, ownHeaders));
        return new Signing(form, keys, !named && form != Form.NONE, custom);
    }

    private List<SigningKey> ofAccount() {
        return List.copyOf(account.signingKeys().ofAccount().values());
    }

    /**
     * As {@link #read}, for a request whose host is known only when it is sent, so that a signature cannot cover it.
     */
    Signing readForPath(Mapping delivery, Set<String> ownHeaders) {
        Signing signing = read(delivery, ownHeaders);
        if (signing.form().isRfc9421()) {
            delivery.fault(
                    "signature",
                    "signature-of-url",
                    "'signature' " + signing.form().text() + " covers the URL, which the connection gives",
                    "write standard or none");
        }
        return signing;
    }

    private static Form form(Mapping delivery) {
        return delivery.has("signed") && !delivery.flag("signed") ? Form.NONE : delivery.word("signature", Form.class);
    }

    private CustomSignature custom(Mapping item, Mapping delivery, Form form, Set<String> ownHeaders) {
        Set<String> taken = new HashSet<>();
        ownHeaders.forEach(name -> taken.add(name.toLowerCase(Locale.ROOT)));
        if (form.isRfc9421()) {
            taken.addAll(OF_RFC9421);
        }
        List<SigningKey> keys = new ArrayList<>();
        List<String> ids = item.texts("key");
        for (int i = 0; i < ids.size(); i++) {
            named(item, "key", ids.get(i), i).ifPresent(keys::add);
        }
        CustomSignature custom = new CustomSignature(
                keys,
                header(item, "header", taken),
                item.find("timestampHeader").map(name -> header(item, "timestampHeader", taken)),
                item.word("algorithm", CustomSignature.Algorithm.class),
                item.word("encoding", CustomSignature.Encoding.class),
                item.text("prefix"),
                item.text("content"),
                item.word("keyAs", CustomSignature.KeyAs.class));
        if (keys.stream().anyMatch(key -> key.scheme() != SigningKey.Scheme.V1)) {
            item.fault("key", "signing-key", "'key' names a key pair", "name a shared secret, whsec_…");
        }
        if (ids.size() > 1 && !custom.isRepeatable()) {
            item.fault(
                    "key",
                    "one-signature",
                    "'key' names several keys, and 'prefix' has no comma to separate their signatures",
                    "name the key that signs now");
        }
        if (custom.algorithm() == CustomSignature.Algorithm.SHA1) {
            item.warn("algorithm", "'algorithm' sha1 is outdated", "use sha256 as soon as the receiver can verify it");
        }
        return custom;
    }

    private static String header(Mapping item, String key, Set<String> taken) {
        String name = item.text(key);
        HeaderNames.refusalOf(name, taken)
                .or(() -> HeaderNames.describesContent(name)
                        ? Optional.of(new String[] {"describes the body", "take another name"})
                        : Optional.empty())
                .ifPresent(
                        why -> item.fault(key, "header", "'" + key + "' '" + Shown.of(name) + "' " + why[0], why[1]));
        return name;
    }

    private static void refuse(Mapping delivery, Set<String> ownHeaders) {
        ownHeaders.stream()
                .filter(name -> OF_RFC9421.contains(name.toLowerCase(Locale.ROOT)))
                .forEach(name -> delivery.fault(
                        "headers",
                        "header-of-signature",
                        "header '" + name + "' is set by signature rfc9421",
                        "remove it, or sign otherwise"));
    }

    private List<SigningKey> keys(Mapping delivery) {
        Set<SigningKey> keys = new LinkedHashSet<>();
        List<YamlNode> items = delivery.isList("signingKeys") ? delivery.list("signingKeys") : List.of();
        for (int i = 0; i < items.size(); i++) {
            key(delivery, items.get(i), i).ifPresent(keys::add);
        }
        return new ArrayList<>(keys);
    }

    private Optional<SigningKey> key(Mapping delivery, YamlNode item, int index) {
        if (!(item instanceof YamlNode.Scalar name)) {
            String resource = Names.resource("signing key", item, "id", index, " of " + delivery.resource());
            return Mapping.readable(() -> account.signingKeys().read(delivery.item("signingKeys", index, resource)));
        }
        return named(delivery, "signingKeys", name.value(), index);
    }

    private Optional<SigningKey> named(Mapping item, String key, String id, int index) {
        if (!account.signingKeys().has(id)) {
            // not repeated: it may be a key instead of an id
            item.fault(
                    key,
                    "unknown-signing-key",
                    "item " + (index + 1) + " of '" + key + "' is not the id of a signing key of " + account.resource(),
                    account.signingKeys().known());
        }
        return Optional.ofNullable(account.signingKeys().ofAccount().get(id));
    }
}
