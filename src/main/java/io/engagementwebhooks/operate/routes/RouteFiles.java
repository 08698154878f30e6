package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.operate.settings.BundledDefaults;
import io.engagementwebhooks.operate.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The route files in use: those of {@code --routes DIR}, or of {@code ./routes} if it exists, or the jar's; and the
 * user's folder of Kamelets.
 *
 * @param folder the folder, or null for the jar's
 * @param awaited the folder that replaces the jar's once it exists, or null
 * @param kamelets folders, which may be missing
 */
public record RouteFiles(Path folder, Path awaited, List<Path> kamelets) {

    private static final String SUFFIX = ".camel.yaml";
    private static final String KAMELET_SUFFIX = ".kamelet.yaml";
    private static final Pattern YAML = Pattern.compile("(?i)\\.ya?ml$");

    /** Other languages of routes in Camel, which are not loaded here. */
    private static final Pattern OTHER_LANGUAGE = Pattern.compile("(?i)\\.(java|xml)$");

    public static RouteFiles of(Path workingFolder, Path named, Settings settings) {
        List<Path> kamelets = kamelets(settings);
        if (named != null) {
            return new RouteFiles(named.toAbsolutePath(), named.toAbsolutePath(), kamelets);
        }
        return new RouteFiles(null, workingFolder.resolve("routes"), kamelets).now();
    }

    /** The jar's files, even if folders exist. */
    public static RouteFiles ofTheJar(Settings settings) {
        return new RouteFiles(null, null, kamelets(settings));
    }

    private static List<Path> kamelets(Settings settings) {
        return Stream.of(settings.text("camel.component.kamelet.location").split(","))
                .map(String::strip)
                .filter(location -> location.startsWith("file:"))
                .map(location -> Path.of(location.substring("file:".length())).toAbsolutePath())
                .toList();
    }

    /** The files of the awaited folder if it exists now, otherwise these. */
    RouteFiles now() {
        return areTheJars() && awaited != null && Files.isDirectory(awaited)
                ? new RouteFiles(awaited, awaited, kamelets)
                : this;
    }

    boolean areTheJars() {
        return folder == null;
    }

    /** Their locations as Camel names resources, in the order of their names. */
    public List<String> locations() {
        return areTheJars()
                ? JarsOwn.LOCATIONS
                : in(folder, SUFFIX).stream().map(file -> "file:" + file).toList();
    }

    /** The current content. @throws UncheckedIOException if the folder or a file of it cannot be read */
    public RouteSet read() {
        List<RouteSet.Text> texts = areTheJars() ? JarsOwn.TEXTS : texts(locations());
        Map<String, RouteSet.Text> own = new TreeMap<>();
        for (Path from : kamelets) {
            if (Files.isDirectory(from)) {
                in(from, KAMELET_SUFFIX).forEach(file -> own.putIfAbsent(name(file), text("file:" + file)));
            }
        }
        return new RouteSet(texts, own, misnamed());
    }

    /** Faults of files that look like routes or Kamelets but are ignored because of their names. */
    public List<String> misnamed() {
        List<String> faults = new ArrayList<>();
        if (!areTheJars()) {
            faults.addAll(misnamed(folder, "route file", SUFFIX));
        }
        kamelets.stream()
                .filter(from -> from.endsWith("kamelet-catalog") && Files.isDirectory(from))
                .forEach(from -> faults.addAll(misnamed(from, "Kamelet's file", KAMELET_SUFFIX)));
        return faults;
    }

    private static List<String> misnamed(Path folder, String what, String suffix) {
        return in(folder, "").stream()
                .filter(Files::isRegularFile)
                .filter(file -> !file.toString().endsWith(suffix))
                .flatMap(file -> ignored(file, what, suffix).stream())
                .toList();
    }

    private static Optional<String> ignored(Path file, String what, String suffix) {
        if (OTHER_LANGUAGE.matcher(file.toString()).find()) {
            return Optional.of(file + ": only files whose names end in " + suffix
                    + " are loaded, and this one is not; write it in YAML or move it elsewhere");
        }
        return YAML.matcher(file.toString()).find()
                ? Optional.of(file + ": the name of a " + what + " must end in " + suffix
                        + ", else nothing reads it; rename it or move it elsewhere")
                : Optional.empty();
    }

    private static List<RouteSet.Text> texts(List<String> locations) {
        return locations.stream().map(RouteFiles::text).toList();
    }

    /** Read once: the jar does not change, and reading it is slower than polling a folder. */
    private static final class JarsOwn {
        static final List<String> LOCATIONS = jarsOwn();
        static final List<RouteSet.Text> TEXTS = texts(LOCATIONS);
    }

    private static String name(Path kamelet) {
        String file = kamelet.getFileName().toString();
        return file.substring(0, file.length() - KAMELET_SUFFIX.length());
    }

    private static RouteSet.Text text(String location) {
        return new RouteSet.Text(location, bytes(location));
    }

    private static byte[] bytes(String location) {
        try {
            if (location.startsWith("file:")) {
                return Files.readAllBytes(Path.of(location.substring("file:".length())));
            }
            return BundledFile.bytes("/" + location.substring("classpath:".length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without hidden files, such as editors' locks. */
    private static List<Path> in(Path folder, String suffix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> jarsOwn() {
        return BundledDefaults.names().stream()
                .filter(name -> name.startsWith("routes/") && name.endsWith(SUFFIX))
                .map(name -> "classpath:" + BundledDefaults.FOLDER + name)
                .toList();
    }

    @Override
    public String toString() {
        return areTheJars() ? "the jar's own routes" : folder.toString();
    }
}
