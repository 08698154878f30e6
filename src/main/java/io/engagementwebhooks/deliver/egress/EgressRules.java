package io.engagementwebhooks.deliver.egress;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which receivers may be called: public addresses only, by https only, on ports where HTTP is spoken, unless an operator
 * opened more. A URL is judged when it is set up, as far as it can be without resolving a name; every address of a name
 * is judged at each connect. Immutable and thread-safe.
 */
public final class EgressRules {

    private static final String LOCALHOST = "localhost";
    private static final Pattern LOCAL = Pattern.compile("(.*\\.)?localhost\\.?");

    private final List<AddressRange> allow;
    private final List<AddressRange> plainHttp;
    private final PortRules ports;
    private final EgressProxy proxy;

    /** @throws IllegalArgumentException naming every property that cannot be read, and why */
    public EgressRules(EgressSettings settings) {
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
     * Why a URL is not taken, in words for the customer; empty: it may be called, or only its name's addresses will
     * tell. Resolves nothing.
     */
    public Optional<String> refusal(URI url) {
        try {
            Destination to = Destination.of(url);
            if (to.literal().isPresent()) {
                check(to.plain(), to.host(), to.port(), to.literal().get());
            } else {
                checkUnresolved(to.plain(), to.host(), to.port());
            }
            return Optional.empty();
        } catch (EgressRefusedException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * The addresses of a host that may be called. One that may not refuses them all: a name that leads to a public and
     * to a private address is an attempt to get in. Only of {@code localhost}, which no stranger can define, the
     * allowed ones are taken.
     *
     * @throws NotPublicException if the host is a name that leads to an address that is not public
     * @throws EgressRefusedException if the host may not be called for another reason
     */
    List<InetAddress> callable(boolean plain, String host, int port, List<InetAddress> addresses)
            throws UnknownHostException {
        List<InetAddress> callable = new ArrayList<>();
        EgressRefusedException refused = null;
        boolean secret = isSecret(host);
        for (InetAddress address : addresses) {
            Optional<String> hidden = secret ? refusal(address) : Optional.empty();
            if (hidden.isPresent()) {
                throw new NotPublicException(host, address, hidden.get());
            }
            try {
                check(plain, host, port, address);
                callable.add(address);
            } catch (EgressRefusedException e) {
                refused = e;
            }
        }
        if (refused != null && (callable.isEmpty() || !host.equals(LOCALHOST))) {
            throw refused;
        }
        return callable;
    }

    /** The proxy through which everything leaves. */
    public Optional<EgressProxy> proxy() {
        return Optional.ofNullable(proxy);
    }

    /**
     * Whether a proxy may be asked for a tunnel to a host. The addresses of names are its business; literal ones, ports and
     * plain http are judged here.
     *
     * @throws EgressRefusedException if it may not be asked
     */
    void checkTunnel(boolean plain, String host, int port) throws EgressRefusedException {
        Optional<InetAddress> literal = LiteralAddress.of(host);
        if (literal.isPresent()) {
            check(plain, host, port, literal.get());
        } else {
            checkUnresolved(plain, host, port);
        }
    }

    /** What an address is that must not be connected to, whatever the protocol, such as "loopback"; empty: it may. */
    public Optional<String> refusal(InetAddress address) {
        return in(allow, address) ? Optional.empty() : SpecialAddresses.kind(address);
    }

    private void check(boolean plain, String host, int port, InetAddress address) throws EgressRefusedException {
        boolean allowed = in(allow, address);
        Optional<String> kind = refusal(address);
        if (kind.isPresent()) {
            throw new EgressRefusedException(
                    host + " leads to an address that is not public (" + kind.get() + "): webhooks may not call it");
        }
        if (!allowed && !ports.allow(port)) {
            throw portRefused(port);
        }
        if (plain && !(allowed && address.isLoopbackAddress()) && !in(plainHttp, address)) {
            throw plainRefused();
        }
    }

    /** Whether a customer may not learn where it leads: only the name service knows. */
    public static boolean isSecret(String host) {
        return LiteralAddress.of(host).isEmpty() && !LOCAL.matcher(host).matches();
    }

    private void checkUnresolved(boolean plain, String host, int port) throws EgressRefusedException {
        if (proxy != null && LOCAL.matcher(host).matches()) {
            throw new EgressRefusedException(host + " is the proxy itself: webhooks may not call it");
        }
        // which addresses a name has is not known here if a proxy resolves it, so that none of them is exempt
        if ((proxy != null || allow.isEmpty()) && !ports.allow(port)) {
            throw portRefused(port);
        }
        if (plain && proxy != null) {
            throw plainRefused();
        }
        if (plain && plainHttp.isEmpty() && allow.stream().noneMatch(EgressRules::holdsLoopback)) {
            throw plainRefused();
        }
    }

    private static boolean holdsLoopback(AddressRange range) {
        return range.network().isLoopbackAddress() || range.contains(InetAddress.getLoopbackAddress());
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
