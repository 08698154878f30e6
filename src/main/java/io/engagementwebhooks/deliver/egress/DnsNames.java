package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Resolves names by {@code /etc/hosts} and DNS, IPv4 and IPv6 in parallel. Netty sends each query from a separate port,
 * and repeats truncated ones by TCP; one thread serves all lookups. Search domains, server order and aliases are
 * handled here: Netty would follow a referral to any address, and cannot distinguish a missing name from a refused
 * lookup. Thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1035">RFC 1035</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6761#section-6">RFC 6761 section 6: localhost and invalid</a>
 */
final class DnsNames implements NameService {

    /** Each lookup uses two sockets, for IPv4 and IPv6. */
    private static final Limits LIMITS = new Limits(256, 64);

    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);

    /** How long to wait for the other address family once one has addresses. */
    private static final Duration OTHER_TIMEOUT = Duration.ofMillis(500);

    private static final Duration LIFE_OF_HOSTS = Duration.ofSeconds(2);
    private static final int MOST_ALIASES = 8;

    /** The names of {@code /etc/hosts}. */
    static final Supplier<HostsFileEntriesProvider> HOSTS =
            new WatchedFile<>(Path.of("/etc/hosts"), file -> HostsFileEntriesProvider.parser()
                    .parseSilently(file.toFile(), StandardCharsets.ISO_8859_1));

    /** The names that DNS can encode. */
    private static final Pattern LABELS = Pattern.compile("[^.]{1,63}(\\.[^.]{1,63})*\\.?");

    private final Supplier<ResolvConf> conf;
    private final Supplier<HostsFileEntriesProvider> hosts;
    private final EventLoopGroup loop = new NioEventLoopGroup(1, new DefaultThreadFactory("egress-dns", true));
    private final DnsNameResolver netty;

    /** The server that answered last, queried first. */
    private volatile InetSocketAddress lastResponsive;

    /** @param isName whether the name exists */
    private record Response(boolean isName, List<InetAddress> addresses, String alias, long ttl) {

        private static final Response NO_NAME = new Response(false, List.of(), null, 0);
    }

    /**
     * @param conf name servers and search domains, read at each lookup
     * @param hosts the names of {@code /etc/hosts}
     */
    DnsNames(Supplier<ResolvConf> conf, Supplier<HostsFileEntriesProvider> hosts) {
        this.conf = conf;
        this.hosts = hosts;
        this.netty = new DnsNameResolverBuilder(loop.next())
                .datagramChannelType(NioDatagramChannel.class)
                .socketChannelType(NioSocketChannel.class)
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
                .optResourceEnabled(false)
                .build();
    }

    @Override
    public CompletableFuture<Resolution> lookUp(String name) {
        Resolution known = known(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        if (!LABELS.matcher(name).matches()) {
            return CompletableFuture.completedFuture(Resolution.none());
        }
        ResolvConf now = conf.get();
        long end = System.nanoTime() + NameResolver.LONGEST.toNanos();
        return first(now.candidates(name), 0, servers(now), end, null);
    }

    private Resolution known(String name) {
        List<InetAddress> inFile = Stream.of(
                        hosts.get().ipv4Entries(), hosts.get().ipv6Entries())
                .flatMap(entries -> entries.getOrDefault(name, List.of()).stream())
                .toList();
        if (!inFile.isEmpty()) {
            return new Resolution(inFile, LIFE_OF_HOSTS);
        }
        if (name.equals("localhost") || name.endsWith(".localhost")) {
            return new Resolution(List.of(InetAddress.getLoopbackAddress()), LIFE_OF_HOSTS);
        }
        return name.equals("invalid") || name.endsWith(".invalid") ? Resolution.none() : null;
    }

    private List<InetSocketAddress> servers(ResolvConf now) {
        InetSocketAddress last = lastResponsive;
        return last != null && now.nameServers().contains(last)
                ? Stream.concat(Stream.of(last), now.nameServers().stream())
                        .distinct()
                        .toList()
                : now.nameServers();
    }

    /**
     * The addresses of the first name that has some. If none has, fails if any lookup failed.
     *
     * @param failed the first failure so far, or null
     */
    private CompletableFuture<Resolution> first(
            List<String> names, int index, List<InetSocketAddress> servers, long end, Throwable failed) {
        return bothFamilies(names.get(index), servers, end)
                .handle((found, failure) -> {
                    Throwable why = failed == null ? failure : failed;
                    boolean isFound = failure == null && !found.isEmpty();
                    if (!isFound && index + 1 < names.size() && System.nanoTime() < end) {
                        return first(names, index + 1, servers, end, why);
                    }
                    return isFound || why == null
                            ? CompletableFuture.completedFuture(found)
                            : CompletableFuture.<Resolution>failedFuture(why);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<Resolution> bothFamilies(String name, List<InetSocketAddress> servers, long end) {
        CompletableFuture<Response> ipv4 = addresses(name, DnsRecordType.A, servers, end, MOST_ALIASES);
        CompletableFuture<Response> ipv6 = addresses(name, DnsRecordType.AAAA, servers, end, MOST_ALIASES);
        return CompletableFuture.anyOf(ended(ipv4), ended(ipv6))
                .thenCompose(first -> {
                    CompletableFuture<Void> both = CompletableFuture.allOf(ended(ipv4), ended(ipv6));
                    boolean isEnough = hasAddresses(ipv4) || hasAddresses(ipv6);
                    return isEnough
                            ? both.completeOnTimeout(null, OTHER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                            : both;
                })
                .thenCompose(ended -> merged(ipv4, ipv6));
    }

    private static CompletableFuture<Void> ended(CompletableFuture<Response> response) {
        return response.handle((value, failure) -> null);
    }

    private static boolean hasAddresses(CompletableFuture<Response> response) {
        return response.isDone()
                && !response.isCompletedExceptionally()
                && !response.join().addresses().isEmpty();
    }

    /**
     * Merges both address families; one is enough. If one lookup failed, the name exists unless the other says that it
     * does not.
     */
    private static CompletableFuture<Resolution> merged(
            CompletableFuture<Response> ipv4, CompletableFuture<Response> ipv6) {
        List<InetAddress> addresses = new ArrayList<>();
        long ttl = Long.MAX_VALUE;
        boolean isNoName = false;
        CompletableFuture<Response> failed = null;
        for (CompletableFuture<Response> each : List.of(ipv4, ipv6)) {
            if (each.isCompletedExceptionally()) {
                failed = each;
            } else if (each.isDone()) {
                Response response = each.join();
                isNoName |= !response.isName();
                addresses.addAll(response.addresses());
                ttl = response.addresses().isEmpty() ? ttl : Math.min(ttl, response.ttl());
            }
        }
        if (!addresses.isEmpty()) {
            return CompletableFuture.completedFuture(new Resolution(addresses, Duration.ofSeconds(ttl)));
        }
        return failed == null || isNoName
                ? CompletableFuture.completedFuture(Resolution.none())
                : failed.thenApply(never -> Resolution.none());
    }

    /** Follows an alias that the name server did not resolve. */
    private CompletableFuture<Response> addresses(
            String name, DnsRecordType type, List<InetSocketAddress> servers, long end, int aliases) {
        return query(name, type, servers, 0, end)
                .thenCompose(response -> response.alias() == null || aliases == 0
                        ? CompletableFuture.completedFuture(response)
                        : addresses(response.alias(), type, servers, end, aliases - 1)
                                .thenApply(target -> new Response(
                                        target.isName(),
                                        target.addresses(),
                                        null,
                                        Math.min(response.ttl(), target.ttl()))));
    }

    /** Queries one server after the other, a single one twice. */
    private CompletableFuture<Response> query(
            String name, DnsRecordType type, List<InetSocketAddress> servers, int number, long end) {
        InetSocketAddress server = servers.get(number % servers.size());
        CompletableFuture<Response> response = new CompletableFuture<>();
        netty.query(server, new DefaultDnsQuestion(name, type))
                .addListener((Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> query) -> {
                    try {
                        response.complete(read(query, name, type));
                        lastResponsive = server;
                    } catch (Exception e) {
                        response.completeExceptionally(e);
                    }
                });
        boolean isLast = number + 1 >= Math.max(2, servers.size());
        return isLast
                ? response
                : response.handle((value, failure) -> failure == null || System.nanoTime() > end
                                ? response
                                : query(name, type, servers, number + 1, end))
                        .thenCompose(next -> next);
    }

    private static Response read(
            Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> query, String name, DnsRecordType type)
            throws Exception {
        if (!query.isSuccess()) {
            FileDescriptors.OF_PROCESS.ranOut("asking a name server", query.cause());
            throw query.cause() instanceof DnsNameResolverTimeoutException
                    ? new TimeoutException()
                    : new IOException(query.cause());
        }
        AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = query.getNow();
        try {
            return response(envelope.content(), name, type);
        } finally {
            envelope.release();
        }
    }

    private static Response response(DnsResponse response, String name, DnsRecordType type) throws IOException {
        if (response.code().equals(DnsResponseCode.NXDOMAIN)) {
            return Response.NO_NAME;
        }
        if (!response.code().equals(DnsResponseCode.NOERROR)) {
            throw new NameServerException(
                    response.code().toString().replaceFirst("\\(.*", "").toUpperCase(Locale.ROOT));
        }
        Map<String, String> aliases = new HashMap<>();
        List<InetAddress> addresses = new ArrayList<>();
        long ttl = Long.MAX_VALUE;
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(type) && record instanceof ByteBufHolder raw) {
                addresses.add(InetAddress.getByAddress(ByteBufUtil.getBytes(raw.content())));
                ttl = Math.min(ttl, record.timeToLive());
            } else if (record.type().equals(DnsRecordType.CNAME) && record instanceof ByteBufHolder raw) {
                aliases.put(lower(record.name()), lower(target(raw.content())));
                ttl = Math.min(ttl, record.timeToLive());
            }
        }
        if (addresses.isEmpty() && response.isTruncated()) {
            throw new NameServerException("with a part only");
        }
        return new Response(true, addresses, addresses.isEmpty() ? last(aliases, lower(name)) : null, ttl);
    }

    private static String target(ByteBuf content) {
        return DefaultDnsRecordDecoder.decodeName(content.duplicate());
    }

    /** @return the end of the alias chain, or null if the name is no alias */
    private static String last(Map<String, String> aliases, String name) {
        String last = null;
        for (String next = aliases.remove(name); next != null; next = aliases.remove(next)) {
            last = next;
        }
        return last;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public void close() {
        netty.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
