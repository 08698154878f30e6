package io.engagementwebhooks.deliver.egress;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What {@code /etc/resolv.conf} says of name servers ({@code nameserver}), search domains ({@code search}, {@code domain}) and
 * {@code ndots}; its other options are not used. Immutable.
 *
 * @param nameServers in their order
 * @param search domains that are appended to names with fewer dots than {@code ndots}
 * @param ndots from how many dots a name is asked for as it is first
 * @see <a href="https://man7.org/linux/man-pages/man5/resolv.conf.5.html">resolv.conf(5)</a>
 */
record ResolvConf(List<InetSocketAddress> nameServers, List<String> search, int ndots) {

    static final Path FILE = Path.of("/etc/resolv.conf");

    private static final int DNS_PORT = 53;
    /** With its last dot. */
    private static final int LONGEST_NAME = 254;

    private static final int MOST_NDOTS = 15;
    private static final WatchedFile<ResolvConf> OF_MACHINE = new WatchedFile<>(FILE, ResolvConf::parse);

    ResolvConf {
        nameServers = List.copyOf(nameServers);
        search = List.copyOf(search);
    }

    /** That of this machine, as it is now. */
    static ResolvConf ofMachine() {
        return OF_MACHINE.get();
    }

    /** The same with other name servers. */
    ResolvConf with(List<InetSocketAddress> servers) {
        return new ResolvConf(servers, search, ndots);
    }

    /** Lines that cannot be read are passed over, as the platform's resolver does. */
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

    /** The names to ask for, in their order; a name that ends in a dot is asked for as it is. */
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
