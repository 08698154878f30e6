package io.engagementwebhooks.api.inbox;

import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.server.CallerAdmission;
import java.net.URI;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The addresses of test inboxes: {@code <base>/inbox/<id>}. An id is its account's, encrypted with a random nonce: no one
 * can guess one, every instance on one store knows it, and it survives restarts. Thread-safe.
 */
public final class InboxAddresses {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{20,400}");

    private final Supplier<Optional<String>> base;
    private final Sealed<String> ids;
    private final Predicate<String> isAccount;

    /**
     * @param base scheme, host and port at which webhooks reach this installation; empty: there are no inboxes
     * @param isAccount whether an account exists
     */
    public InboxAddresses(Supplier<Optional<String>> base, Vault vault, Predicate<String> isAccount) {
        this.base = base;
        this.ids = new Sealed<>(vault.derived("test inboxes"), String.class);
        this.isAccount = isAccount;
    }

    boolean isOn() {
        return base.get().isPresent();
    }

    String newId(String account) {
        return ids.seal(account);
    }

    /** The URL of an inbox, or of a request to it. @param target path and query */
    String url(String target) {
        return base.get().orElseThrow() + target;
    }

    static String path(String id) {
        return CallerAdmission.INBOX + id;
    }

    /** The account of an id; empty: there is no such inbox. */
    public Optional<String> account(String id) {
        return isOn() && ID.matcher(id).matches() ? ids.unseal(id).filter(isAccount) : Optional.empty();
    }

    /**
     * Whether a URL is an inbox of this installation: exactly its scheme, host and port, and the path of an existing
     * inbox.
     */
    public boolean leadTo(URI url) {
        // the form first: each request asks, and the site is read from the settings
        return isInbox(url)
                && base.get().filter(site -> isAt(site, url)).isPresent()
                && account(url.getRawPath().substring(CallerAdmission.INBOX.length()))
                        .isPresent();
    }

    /** Whether a URL has the form of an inbox at a site, existing or not. @param site scheme, host and port */
    public static boolean isAt(String site, URI url) {
        return isInbox(url) && site.equals(url.getScheme() + "://" + url.getRawAuthority());
    }

    private static boolean isInbox(URI url) {
        String path = url.getRawPath();
        return path != null
                && path.startsWith(CallerAdmission.INBOX)
                && ID.matcher(path.substring(CallerAdmission.INBOX.length())).matches();
    }
}
