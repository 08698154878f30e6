package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.YamlNode;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.signing.Signing.Form;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the signature settings of a webhook. */
final class SigningReader {

    /** The headers of an HTTP message signature. */
    static final Set<String> OF_RFC9421 = Set.of("content-digest", "signature-input", "signature");

    private final AccountReader account;

    SigningReader(AccountReader account) {
        this.account = account;
    }

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
        return new Signing(form, keys, !named && form != Form.NONE);
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
        if (!account.signingKeys().has(name.value())) {
            // not repeated: it may be a key instead of an id
            delivery.fault(
                    "signingKeys",
                    "unknown-signing-key",
                    "item " + (index + 1) + " of 'signingKeys' is not the id of a signing key of " + account.resource(),
                    account.signingKeys().known());
        }
        return Optional.ofNullable(account.signingKeys().ofAccount().get(name.value()));
    }
}
