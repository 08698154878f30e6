package io.engagementwebhooks.webhook.config;

/** What all named credentials have in common. */
final class CredentialsReader {

    private CredentialsReader() {}

    /** A host under which answers may name hosts: too short a one would let anybody in. */
    static void checkHost(Mapping item, String key, String host) {
        boolean name = host.matches("(?i)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+");
        boolean literal = host.matches("\\[?[0-9a-fA-F:]+:[0-9a-fA-F:.]*]?");
        if (!name && !literal && !host.equals("localhost")) {
            item.fault(key, "'" + key + "' is not a host name", "such as example.com, without scheme, port or slash");
        }
    }
}
