package io.engagementwebhooks.deliver.egress;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The names of {@code /etc/hosts}. Immutable.
 *
 * @param addresses by name in lower case, in the order of the file
 * @see <a href="https://man7.org/linux/man-pages/man5/hosts.5.html">hosts(5)</a>
 */
record HostsFile(Map<String, List<InetAddress>> addresses) {

    private static final Supplier<HostsFile> OF_MACHINE = new WatchedFile<>(Path.of("/etc/hosts"), HostsFile::parse);

    /** The current file of this machine. */
    static Supplier<HostsFile> ofMachine() {
        return OF_MACHINE;
    }

    static HostsFile parse(List<String> lines) {
        Map<String, List<InetAddress>> addresses = new HashMap<>();
        for (String line : lines) {
            String[] words = line.replaceFirst("#.*", "").strip().split("\\s+");
            InetAddress address = NetUtil.createInetAddressFromIpAddressString(words[0]);
            for (int i = 1; address != null && i < words.length; i++) {
                addresses
                        .computeIfAbsent(words[i].toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                        .add(address);
            }
        }
        return new HostsFile(addresses);
    }

    /** The addresses of a name; empty if it is not in the file. */
    List<InetAddress> of(String name) {
        return addresses.getOrDefault(name, List.of());
    }
}
