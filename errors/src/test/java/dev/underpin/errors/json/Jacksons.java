package dev.underpin.errors.json;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Both Jacksons, with mappers as a service would have them. */
enum Jacksons {
    JACKSON_2 {
        @Override
        Json standard() {
            return Jackson2Json.of(new ObjectMapper());
        }

        @Override
        Json strict() {
            return Jackson2Json.of(com.fasterxml.jackson.databind.json.JsonMapper.builder()
                    .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(
                            DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build());
        }

        @Override
        Json snakeCase() {
            return Jackson2Json.of(new ObjectMapper()
                    .setPropertyNamingStrategy(com.fasterxml.jackson.databind.PropertyNamingStrategies.SNAKE_CASE));
        }

        @Override
        Json kebabCase() {
            return Jackson2Json.of(new ObjectMapper()
                    .setPropertyNamingStrategy(com.fasterxml.jackson.databind.PropertyNamingStrategies.KEBAB_CASE));
        }
    },

    JACKSON_3 {
        @Override
        Json standard() {
            return Jackson3Json.of(new JsonMapper());
        }

        @Override
        Json strict() {
            return Jackson3Json.of(JsonMapper.builder()
                    .enable(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(
                            tools.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                            tools.jackson.databind.DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                            tools.jackson.databind.DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build());
        }

        @Override
        Json snakeCase() {
            return Jackson3Json.of(JsonMapper.builder()
                    .propertyNamingStrategy(tools.jackson.databind.PropertyNamingStrategies.SNAKE_CASE)
                    .build());
        }

        @Override
        Json kebabCase() {
            return Jackson3Json.of(JsonMapper.builder()
                    .propertyNamingStrategy(tools.jackson.databind.PropertyNamingStrategies.KEBAB_CASE)
                    .build());
        }
    };

    /** The defaults of the version. */
    abstract Json standard();

    /** Everything a strict service forbids. */
    abstract Json strict();

    abstract Json snakeCase();

    abstract Json kebabCase();
}
