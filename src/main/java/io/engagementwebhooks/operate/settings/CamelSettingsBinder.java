package io.engagementwebhooks.operate.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.config.schema.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.CatalogCamelContext;
import org.apache.camel.main.MainHelper;
import org.apache.camel.spi.PropertyConfigurerGetter;
import org.apache.camel.support.PropertyBindingSupport;
import org.apache.camel.support.PropertyConfigurerHelper;

/**
 * Applies Camel's settings to a context's components, data formats and languages, and finds values that do not
 * convert. Errors never repeat a value, which may be a secret.
 */
public final class CamelSettingsBinder {

    private static final String COMPONENT = "camel.component.";
    private static final String DATA_FORMAT = "camel.dataformat.";
    private static final String LANGUAGE = "camel.language.";
    private static final List<String> PARTS = List.of(COMPONENT, DATA_FORMAT, LANGUAGE);

    private final CamelContext context;
    private final Settings settings;
    private final List<String> faults = new ArrayList<>();

    private CamelSettingsBinder(CamelContext context, Settings settings) {
        this.context = context;
        this.settings = settings;
    }

    /** Applies all settings. @return the faults, each with its place */
    public static List<String> bind(CamelContext context, Settings settings) {
        CamelSettingsBinder values = new CamelSettingsBinder(context, settings);
        settings.layers().camels().forEach(values::apply);
        return values.faults;
    }

    /** The faults of settings that Camel reads itself; it starts in spite of them. Applies none. */
    public static List<String> ofMain(CamelContext context, Settings settings) {
        CamelSettingsBinder values = new CamelSettingsBinder(context, settings);
        settings.layers().camels().forEach((key, text) -> {
            if (PARTS.stream().noneMatch(key::startsWith)) {
                values.apply(key, text);
            }
        });
        return values.faults;
    }

    private void apply(String key, String text) {
        String value;
        try {
            value = context.resolvePropertyPlaceholders(text);
        } catch (IllegalArgumentException e) {
            // Camel's message repeats the value
            fault(key, "it names a property that is not there");
            return;
        }
        Optional<String> part = PARTS.stream().filter(key::startsWith).findFirst();
        if (value.isEmpty() && (part.isPresent() || CamelSettings.option(key).isPresent())) {
            fault(key, "it is empty, which Camel does not take; leave it out");
        } else if (part.isPresent()) {
            bind(key, part.get(), value);
        } else {
            CamelSettings.option(key).ifPresent(option -> convert(key, option.javaType(), value));
        }
    }

    private void fault(String key, String what) {
        faults.add(settings.layers().place(key) + key + ": " + what);
    }

    private void convert(String key, String javaType, String value) {
        Class<?> type = context.getClassResolver().resolveClass(javaType);
        if (type != null && !isReference(value)) {
            convert(key, type, value);
        }
    }

    private boolean convert(String key, Class<?> type, String value) {
        if (!isSimple(type) || context.getTypeConverter().tryConvertTo(type, value) != null) {
            return true;
        }
        fault(key, "the value must be " + words(type));
        return false;
    }

    /** Whether values of the type are plain texts; others are beans or nested options. */
    private static boolean isSimple(Class<?> type) {
        return type.isPrimitive() || type.isEnum() || type == Boolean.class || Number.class.isAssignableFrom(type);
    }

    /** Whether the value refers to a bean, which exists only in the running product. */
    private static boolean isReference(String value) {
        return value.startsWith("#");
    }

    private static String words(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type.isEnum()) {
            return "one of " + List.of(type.getEnumConstants());
        }
        return type == int.class || type == Integer.class
                ? "a whole number"
                : type == long.class || type == Long.class
                        ? "a whole number, or a duration such as 5s"
                        : "a " + type.getSimpleName();
    }

    private void bind(String key, String prefix, String value) {
        int dot = key.indexOf('.', prefix.length());
        String name = key.substring(prefix.length(), dot < 0 ? key.length() : dot);
        String option = MainHelper.optionKey(dot < 0 ? "" : key.substring(dot + 1));
        if (name.equals("enabled") || option.equals("enabled") || name.equals("properties")) {
            return; // camel-main reads these itself
        }
        Object target = target(prefix, name);
        if (target == null) {
            // beans of the settings are not created here
            if (!settings.layers().camels().containsKey("camel.beans." + name)) {
                fault(key, "Camel has no " + prefix.split("\\.")[1] + " '" + name + "' here");
            }
            return;
        }
        Class<?> type = PropertyConfigurerHelper.resolvePropertyConfigurer(context, target)
                        instanceof PropertyConfigurerGetter options
                ? options.getOptionType(option, true)
                : null;
        if (isReference(value) || type != null && !convert(key, type, value)) {
            return;
        }
        try {
            PropertyBindingSupport.build()
                    .withCamelContext(context)
                    .withTarget(target)
                    .withMandatory(true)
                    .withIgnoreCase(true)
                    .withFluentBuilder(true)
                    .withProperty(option, value)
                    .bind();
        } catch (RuntimeException e) {
            if (type != null) {
                fault(key, "Camel does not take the value");
            } else if (settings.refusesUnknown()) {
                fault(
                        key,
                        prefix.split("\\.")[1] + " '" + name + "' has no option '" + option + "'"
                                + Nearest.question(option, options(prefix, name)));
            }
        }
    }

    private Object target(String prefix, String name) {
        try {
            return switch (prefix) {
                case COMPONENT -> context.getComponent(name);
                case DATA_FORMAT -> context.resolveDataFormat(name);
                default -> context.resolveLanguage(name);
            };
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** The names of the options, by Camel's catalog. */
    private Set<String> options(String prefix, String name) {
        CatalogCamelContext catalog = (CatalogCamelContext) context;
        try {
            String schema =
                    switch (prefix) {
                        case COMPONENT -> catalog.getComponentParameterJsonSchema(name);
                        case DATA_FORMAT -> catalog.getDataFormatParameterJsonSchema(name);
                        default -> catalog.getLanguageParameterJsonSchema(name);
                    };
            JsonNode options = JsonMapper.builder().build().readTree(schema == null ? "{}" : schema);
            Set<String> names = new TreeSet<>();
            options.path(prefix.equals(COMPONENT) ? "componentProperties" : "properties")
                    .fieldNames()
                    .forEachRemaining(names::add);
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
