package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The allowed receivers: public addresses, https, and ports of HTTP, unless the operator allows more. A URL is checked
 * when it is configured, without DNS; every resolved address is checked at each connect. Immutable.
 */
public final class EgressRules {

    private static final String LOCALHOST = "localhost";
    private static final Pattern LOCAL = Pattern.compile("(.*\\.)?localhost\\.?");

    private final List<AddressRange> allow;
    private final List<AddressRange> plainHttp;
    private final PortRules ports;
    private final EgressProxy proxy;
    private final Predicate<URI> inboxes;

    /** @throws IllegalArgumentException if properties are invalid; the message names each and why */
    public EgressRules(EgressSettings settings) {
        this(settings, url -> false);
    }

    /** As above. @param inboxes whether a URL is a test inbox of this installation, which is always allowed */
    public EgressRules(EgressSettings settings, Predicate<URI> inboxes) {
        this.inboxes = inboxes;
        List<String> faults = new ArrayList<>();
        allow = ranges(EgressSettings.ALLOW, settings.allow(), faults);
        plainHttp = ranges(EgressSettings.PLAIN_HTTP, settings.plainHttp(), faults);
        ports = read(EgressSettings.PORTS, settings.ports(), PortRules::of, faults);
        proxy = settings.proxy().reveal().isEmpty()
                ? null
                : read(EgressSettings.PROXY, settings.proxy().reveal(), EgressProxy::of, faults);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }

    /**
     * Why a URL is refused, for the customer; empty if it is allowed or depends on its resolved addresses. Resolves
     * nothing.
     */
    public Optional<String> refusal(URI url) {
        try {
            check(destination(url));
            return Optional.empty();
        } catch (EgressRefusedException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * The allowed addresses of a host. One forbidden address refuses all: a name with public and private addresses is
     * an attack. Only {@code localhost}, which no attacker can define, keeps its allowed ones.
     *
     * @param plain whether by plain http
     * @throws NotPublicException if the host is a name that resolves to a non-public address
     * @throws EgressRefusedException if the host is forbidden for another reason
     */
    public List<InetAddress> allowed(boolean plain, String host, int port, List<InetAddress> addresses)
            throws UnknownHostException {
        List<InetAddress> allowed = new ArrayList<>();
        EgressRefusedException refused = null;
        for (InetAddress address : addresses) {
            try {
                check(plain, host, port, address);
                allowed.add(address);
            } catch (EgressRefusedException e) {
                Optional<String> hidden = refusal(address);
                if (hidden.isPresent() && isSecret(host)) {
                    throw new NotPublicException(host, address, hidden.get());
                }
                refused = e;
            }
        }
        if (refused != null && (allowed.isEmpty() || !host.equals(LOCALHOST))) {
            throw refused;
        }
        return allowed;
    }

    /** Where a URL leads. @throws EgressRefusedException if it is invalid for a webhook */
    Destination destination(URI url) throws EgressRefusedException {
        Destination to = Destination.of(url);
        return inboxes.test(url) ? to.asInbox() : to;
    }

    /** The outbound proxy, if configured. */
    public Optional<EgressProxy> proxy() {
        return Optional.ofNullable(proxy);
    }

    /**
     * Checks what is known without DNS: literal addresses, ports and plain http. A proxy resolves names itself, and
     * checks their addresses.
     *
     * @throws EgressRefusedException if it is forbidden
     */
    void check(Destination to) throws EgressRefusedException {
        if (to.inbox()) {
            return;
        }
        if (to.literal().isPresent()) {
            check(to.plain(), to.host(), to.port(), to.literal().get());
        } else {
            checkUnresolved(to.plain(), to.host(), to.port());
        }
    }

    /** The kind of a forbidden address, such as "loopback", for any protocol; empty if it is allowed. */
    Optional<String> refusal(InetAddress address) {
        return in(allow, address) ? Optional.empty() : SpecialAddresses.kind(address);
    }

    private void check(boolean plain, String host, int port, InetAddress address) throws EgressRefusedException {
        boolean allowed = in(allow, address);
        Optional<String> kind = refusal(address);
        if (kind.isPresent()) {
            throw notPublicRefused(host, kind.get(), plain && !in(plainHttp, address));
        }
        if (!allowed && !ports.allow(port)) {
            throw portRefused(port);
        }
        if (plain && !(allowed && address.isLoopbackAddress()) && !in(plainHttp, address)) {
            throw plainRefused();
        }
    }

    /** Whether a customer must not learn the host's addresses: names that only DNS resolves. */
    private static boolean isSecret(String host) {
        return LiteralAddress.of(host).isEmpty() && !LOCAL.matcher(host).matches();
    }

    private void checkUnresolved(boolean plain, String host, int port) throws EgressRefusedException {
        if (proxy != null && LOCAL.matcher(host).matches()) {
            throw new EgressRefusedException(host + " is the proxy itself: webhooks may not call it");
        }
        boolean mayBeLoopback = allow.stream().anyMatch(EgressRules::holdsLoopback);
        if (plain && !mayBeLoopback && LOCAL.matcher(host).matches()) {
            throw notPublicRefused(host, "loopback", true);
        }
        // a proxy resolves names itself, so no address can be exempt
        if ((proxy != null || allow.isEmpty()) && !ports.allow(port)) {
            throw portRefused(port);
        }
        if (plain && proxy != null) {
            throw plainRefused();
        }
        if (plain && plainHttp.isEmpty() && !mayBeLoopback) {
            throw plainRefused();
        }
    }

    private static boolean holdsLoopback(AddressRange range) {
        return range.network().isLoopbackAddress() || range.contains(InetAddress.getLoopbackAddress());
    }

    /** @param alsoPlain whether plain http is refused too, so that both are corrected at once */
    private static EgressRefusedException notPublicRefused(String host, String kind, boolean alsoPlain) {
        return new EgressRefusedException(host + " leads to an address that is not public (" + kind
                + "): webhooks may not call it"
                + (alsoPlain ? "; plain http is not allowed either: use an https URL of a public address" : ""));
    }

    private static EgressRefusedException portRefused(int port) {
        return new EgressRefusedException("webhooks may not call port " + port);
    }

    private static EgressRefusedException plainRefused() {
        return new EgressRefusedException("plain http is not allowed here: use https");
    }

    private static boolean in(List<AddressRange> ranges, InetAddress address) {
        for (AddressRange range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static List<AddressRange> ranges(String property, List<String> texts, List<String> faults) {
        return texts.stream()
                .map(text -> read(property, text, AddressRange::of, faults))
                .toList();
    }

    private static <S, T> T read(String property, S value, Function<S, T> reader, List<String> faults) {
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException e) {
            faults.add(property + ": " + e.getMessage());
            return null;
        }
    }

    @Override
    public String toString() {
        return "egress rules: allow " + allow + ", plain http " + plainHttp + (proxy == null ? "" : ", by " + proxy);
    }
}
