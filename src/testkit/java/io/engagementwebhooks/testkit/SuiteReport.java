package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Prints the slowest test classes of a build, and fails it where the tests started more than {@link Budget} allows. */
public final class SuiteReport {

    private static final int SHOWN = 20;
    private static final Pattern SUITE =
            Pattern.compile("<testsuite [^>]*?\\bname=\"([^\"]+)\" time=\"([^\"]+)\" tests=\"(\\d+)\"");

    private SuiteReport() {}

    private record Suite(String name, double seconds, int tests) {}

    /**
     * @param arguments the folder of Surefire's reports, the tags that were left out ({@code none} where all tests ran), and
     *     when the build began, UTC
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        if (!Files.isDirectory(folder)) {
            return;
        }
        Instant began = LocalDateTime.parse(arguments[2], DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"))
                .toInstant(ZoneOffset.UTC);
        List<Suite> suites = read(folder, began);
        System.out.printf(
                Locale.ROOT,
                "%nThe %d slowest of %d test classes (%.0f s in all processes together)%n",
                Math.min(SHOWN, suites.size()),
                suites.size(),
                suites.stream().mapToDouble(Suite::seconds).sum());
        suites.stream()
                .sorted(Comparator.comparingDouble(Suite::seconds).reversed())
                .limit(SHOWN)
                .forEach(suite -> System.out.printf(
                        Locale.ROOT, "%8.1f s %5d tests  %s%n", suite.seconds, suite.tests, suite.name));
        check(arguments[1].equals("none"));
    }

    /** Of this build; other reports are of an earlier one. */
    private static List<Suite> read(Path folder, Instant began) throws IOException {
        List<Suite> suites = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .toList()) {
                Matcher found = SUITE.matcher(Files.readString(file));
                if (!Files.getLastModifiedTime(file).toInstant().isBefore(began) && found.find()) {
                    suites.add(new Suite(
                            found.group(1).replace("io.engagementwebhooks.", ""),
                            Double.parseDouble(found.group(2)),
                            Integer.parseInt(found.group(3))));
                }
            }
        }
        return suites;
    }

    private static void check(boolean allTests) throws IOException {
        List<String> over = new ArrayList<>();
        for (Budget budget : Budget.values()) {
            int most = budget.most(allTests);
            System.out.printf(
                    "%8d of at most %4d %s%n",
                    budget.used(), most, budget.name().toLowerCase(Locale.ROOT));
            if (budget.used() > most) {
                over.add(budget.name());
            }
        }
        if (!over.isEmpty()) {
            throw new IllegalStateException("the tests start more than their budget allows: " + over
                    + "; share what other tests have started, or raise the budget in testkit/Budget with the reason");
        }
    }
}
