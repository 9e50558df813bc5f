#pragma once

#include <nlohmann/json.hpp>

namespace rollcall::assessments::test {

inline nlohmann::json example() {
  return nlohmann::json::parse(R"json({
    "id": "digital-start",
    "version": "1.0.0",
    "title": {"en": "My digital start", "fr": "Mes débuts numériques"},
    "questions": [
      {"id": "q-computer",
       "text": {"en": "How often do you use a computer?", "fr": "Utilisez-vous souvent un ordinateur ?"},
       "options": [
         {"id": "never", "text": {"en": "Never", "fr": "Jamais"}, "score": 0},
         {"id": "often", "text": {"en": "Often", "fr": "Souvent"}, "score": 2}]},
      {"id": "q-mail",
       "text": {"en": "Can you send an e-mail?", "fr": "Savez-vous envoyer un courriel ?"},
       "options": [
         {"id": "no", "text": {"en": "No", "fr": "Non"}, "score": 0},
         {"id": "alone", "text": {"en": "Yes, alone", "fr": "Oui, sans aide"}, "score": 1},
         {"id": "prefer-not", "text": {"en": "I prefer not to say", "fr": "Sans réponse"}}]}
    ]})json");
}

}  // namespace rollcall::assessments::test
