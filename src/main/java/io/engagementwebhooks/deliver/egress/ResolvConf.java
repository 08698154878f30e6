package io.engagementwebhooks.deliver.egress;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Name servers ({@code nameserver}), search domains ({@code search}, {@code domain}) and {@code ndots} of
 * {@code /etc/resolv.conf}; other options are ignored. Immutable.
 *
 * @param nameServers in their order
 * @param search domains that are appended to names with fewer dots than {@code ndots}
 * @param ndots the number of dots from which a name is first queried without search domains
 * @see <a href="https://man7.org/linux/man-pages/man5/resolv.conf.5.html">resolv.conf(5)</a>
 */
record ResolvConf(List<InetSocketAddress> nameServers, List<String> search, int ndots) {

    static final Path FILE = Path.of("/etc/resolv.conf");

    private static final int DNS_PORT = 53;
    /** Including the final dot. */
    private static final int LONGEST_NAME = 254;

    private static final int MOST_NDOTS = 15;
    private static final WatchedFile<ResolvConf> OF_MACHINE = new WatchedFile<>(FILE, ResolvConf::read);

    ResolvConf {
        nameServers = List.copyOf(nameServers);
        search = List.copyOf(search);
    }

    /** The current file of this machine. */
    static ResolvConf ofMachine() {
        return OF_MACHINE.get();
    }

    /** A copy with other name servers. */
    ResolvConf with(List<InetSocketAddress> servers) {
        return new ResolvConf(servers, search, ndots);
    }

    private static ResolvConf read(Path file) {
        try {
            return parse(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return parse(List.of());
        }
    }

    /** Ignores invalid lines, as the platform's resolver does. */
    static ResolvConf parse(List<String> lines) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        int ndots = 1;
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            List<String> values = Arrays.asList(words).subList(1, words.length);
            switch (words[0]) {
                case "nameserver" -> values.stream().limit(1).forEach(address -> add(servers, address));
                case "search", "domain" -> search = domains(values);
                case "options" -> ndots = ndots(values, ndots);
                default -> {}
            }
        }
        return new ResolvConf(servers, search, ndots);
    }

    /** The names to query, in order; a name that ends in a dot is queried as it is. */
    List<String> candidates(String name) {
        if (name.endsWith(".")) {
            return List.of(name);
        }
        List<String> names = new ArrayList<>();
        search.stream()
                .map(domain -> name + "." + domain + ".")
                .filter(longer -> longer.length() <= LONGEST_NAME)
                .forEach(names::add);
        boolean isFirst = name.chars().filter(c -> c == '.').count() >= ndots;
        names.add(isFirst ? 0 : names.size(), name + ".");
        return names;
    }

    private static void add(List<InetSocketAddress> servers, String text) {
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
        if (address != null) {
            servers.add(new InetSocketAddress(address, DNS_PORT));
        }
    }

    private static List<String> domains(List<String> values) {
        return values.stream()
                .map(domain -> domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain)
                .filter(domain -> !domain.isEmpty())
                .toList();
    }

    private static int ndots(List<String> options, int known) {
        int ndots = known;
        for (String option : options) {
            if (option.matches("ndots:\\d{1,4}")) {
                ndots = Math.min(MOST_NDOTS, Integer.parseInt(option.substring("ndots:".length())));
            }
        }
        return ndots;
    }
}
