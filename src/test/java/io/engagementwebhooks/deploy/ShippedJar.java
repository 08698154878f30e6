package io.engagementwebhooks.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The built jar is what {@code target/bom.json} and docs/security.md say. The jar is made after the tests, so this is no test by
 * name: {@code .ci/run} runs it when it has built.
 */
class ShippedJar {

    private static final Path JAR = Path.of("target/engagement-webhooks.jar");
    private static final Path THIRD_PARTY = Path.of("src/main/license/THIRD-PARTY.txt");
    private static final Pattern CLASS = Pattern.compile("(?!module-info|META-INF/).*\\.class");
    private static final Pattern CLASSIFIER = Pattern.compile("[?&]classifier=([^&]+)");
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib|a)");

    private static final Set<String> entries = new TreeSet<>();
    private static final Map<String, JsonNode> listed = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        entries.addAll(entries(JAR));
        new ObjectMapper()
                .readTree(Path.of("target/bom.json").toFile())
                .get("components")
                .forEach(component -> listed.put(file(component), component));
    }

    private static String file(JsonNode component) {
        Matcher classifier = CLASSIFIER.matcher(component.get("purl").asText());
        return component.get("name").asText() + "-" + component.get("version").asText()
                + (classifier.find() ? "-" + classifier.group(1) : "") + ".jar";
    }

    private static Set<String> entries(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream().map(ZipEntry::getName).collect(Collectors.toSet());
        }
    }

    /** The class path of this process has all of them, and those of the tests. */
    private static List<Path> libraries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> listed.containsKey(path.getFileName().toString()))
                .toList();
    }

    @Test
    void each_class_in_it_is_ours_or_of_a_library_that_the_bill_of_materials_lists() throws IOException {
        Set<String> known = new HashSet<>();
        for (Path library : libraries()) {
            known.addAll(entries(library));
        }
        Path own = Path.of("target/classes");
        try (Stream<Path> files = Files.walk(own)) {
            files.map(file -> own.relativize(file).toString().replace(File.separatorChar, '/'))
                    .forEach(known::add);
        }
        List<String> unauthenticated = entries.stream()
                .filter(entry -> CLASS.matcher(entry).matches() && !known.contains(entry))
                .toList();
        assertEquals(List.of(), unauthenticated);
    }

    @Test
    void each_library_that_the_bill_of_materials_lists_is_in_it() throws IOException {
        assertEquals(listed.size(), libraries().size(), "looked for by name");
        List<String> missing = new ArrayList<>();
        for (Path library : libraries()) {
            Set<String> classes = entries(library).stream()
                    .filter(entry -> CLASS.matcher(entry).matches())
                    .collect(Collectors.toSet());
            if (!classes.isEmpty() && classes.stream().noneMatch(entries::contains)) {
                missing.add(library.getFileName().toString());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void each_library_has_a_licence() {
        List<String> without = listed.entrySet().stream()
                .filter(each -> each.getValue().path("licenses").isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        assertEquals(List.of(), without);
        assertTrue(listed.size() > 100, listed.keySet()::toString);
    }

    @Test
    void licenses_notices_and_the_bill_of_materials_are_in_it() throws IOException {
        String texts = LicenseTexts.of(libraries(), listed);
        if (Boolean.getBoolean("licenses.write")) {
            Files.writeString(THIRD_PARTY, texts);
        }
        assertEquals(
                Files.readString(THIRD_PARTY),
                texts,
                "./mvnw -Dtest=ShippedJar -Dlicenses.write=true surefire:test writes it; build again then");
        Map<String, Path> carried = Map.of(
                "META-INF/LICENSE", Path.of("LICENSE"),
                "META-INF/NOTICE", Path.of("NOTICE"),
                "META-INF/THIRD-PARTY.txt", THIRD_PARTY,
                "META-INF/sbom/bom.json", Path.of("target/bom.json"));
        try (ZipFile jar = new ZipFile(JAR.toFile())) {
            for (Map.Entry<String, Path> each : carried.entrySet()) {
                assertEquals(
                        Files.readString(each.getValue()),
                        new String(
                                jar.getInputStream(jar.getEntry(each.getKey())).readAllBytes(), UTF_8));
            }
        }
    }

    @Test
    void it_is_no_larger_than_the_page_says() throws IOException {
        Matcher limit = Pattern.compile("at most (\\d+) MB").matcher(Files.readString(Path.of("docs/security.md")));
        assertTrue(limit.find());
        long size = Files.size(JAR);
        assertTrue(size <= Long.parseLong(limit.group(1)) * 1_000_000, () -> size + " bytes");
    }

    /** Of each library that has any, and none for others. */
    @Test
    void native_parts_are_those_of_linux_macos_and_windows_on_two_processors() {
        Set<String> there = entries.stream()
                .filter(entry -> NATIVE.matcher(entry).matches())
                .map(entry -> entry.substring(0, entry.lastIndexOf('/')))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> meant = new TreeSet<>();
        for (String processor : List.of("x86_64", "aarch64")) {
            String amd64 = processor.replace("x86_64", "amd64");
            for (String system : List.of("Linux", "Mac", "Windows")) {
                meant.add("org/sqlite/native/" + system + "/" + processor);
                meant.add("org/xerial/snappy/native/" + system + "/" + processor);
            }
            meant.add("org/sqlite/native/Linux-Musl/" + processor);
            meant.addAll(Set.of("linux/" + amd64, "darwin/" + processor, "win/" + amd64));
            meant.addAll(Set.of("net/jpountz/util/linux/" + amd64, "net/jpountz/util/darwin/" + processor));
        }
        meant.addAll(Set.of("net/jpountz/util/windows/amd64", "META-INF/native"));
        assertEquals(meant, there);
    }
}
