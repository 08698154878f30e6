package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.adversary.AdversarySuite;
import io.engagementwebhooks.testkit.adversary.Attack;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs every attack of {@link AdversarySuite} and prints its effect on another account. Ends with status 1 if an event
 * of that account was refused or lost, took more than a second to be accepted or to begin, or half of them more than 300 ms to begin, or the process ended or
 * outgrew its memory. Where the product ends TLS, the slowest hundredth may take 300 ms to be accepted, and an event on a new
 * connection 2 s.
 */
final class Adversary {

    private Adversary() {}

    /** @param arguments options of the JVM that begin with a dash, then names of attacks; none: all */
    public static void main(String[] arguments) throws Exception {
        List<String> options = new ArrayList<>();
        List<Attack> attacks = new ArrayList<>();
        for (String each : arguments) {
            if (each.startsWith("-")) {
                options.add(each);
            } else {
                attacks.add(Attack.valueOf(each.toUpperCase(Locale.ROOT)));
            }
        }
        if (options.isEmpty()) {
            options.add("-Xmx256m");
        }
        long heap = heap(options);
        AdversarySuite suite = new AdversarySuite(Files.createTempDirectory("adversary"), options);
        System.out.println("product: " + options);
        System.out.println(AdversarySuite.Result.head());
        boolean held = true;
        for (Attack attack : attacks.isEmpty() ? List.of(Attack.values()) : attacks) {
            AdversarySuite.Result result = suite.run(attack);
            boolean holds = result.alive()
                    && result.lost().isEmpty()
                    && result.refused().isEmpty()
                    && result.slowestAccept() <= 1_000
                    && result.medianBegin() <= 300
                    && result.slowestBegin() <= 1_000
                    && result.slowestOnNewConnection() <= 2_000
                    && (!attack.isOfTls() || result.slowHundredth() <= 300)
                    && (heap == 0 || result.residentBytes() <= heap + AdversarySuite.ABOVE_HEAP);
            held &= holds;
            System.out.println(result
                    + (holds
                            ? ""
                            : "  MISSED "
                                    + result.refused().values().stream()
                                            .findFirst()
                                            .orElse("")));
        }
        System.exit(held ? 0 : 1);
    }

    private static long heap(List<String> options) {
        return options.stream()
                .filter(option -> option.startsWith("-Xmx") && option.endsWith("m"))
                .mapToLong(option -> Long.parseLong(option.substring(4, option.length() - 1)) << 20)
                .findFirst()
                .orElse(0);
    }
}
