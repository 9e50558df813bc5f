#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "hal/host/http/http.hpp"

namespace rollcall::http {
namespace {

// "/a/{b}/" -> "a", "{b}", "". The path starts with '/'.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::size_t start = 0;;) {
    const std::size_t slash = path.find('/', start);
    segments.emplace_back(path.substr(start, slash - start));
    if (slash == std::string_view::npos) return segments;
    start = slash + 1;
  }
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string_view type_of(std::string_view name) {
  struct Type {
    std::string_view ending, type;
  };
  static constexpr Type types[] = {{".html", "text/html; charset=utf-8"},
                                   {".js", "text/javascript; charset=utf-8"},
                                   {".mjs", "text/javascript; charset=utf-8"},
                                   {".css", "text/css; charset=utf-8"},
                                   {".json", "application/json"},
                                   {".svg", "image/svg+xml"},
                                   {".png", "image/png"},
                                   {".ico", "image/x-icon"},
                                   {".woff2", "font/woff2"},
                                   {".wav", "audio/wav"},
                                   {".txt", "text/plain; charset=utf-8"}};
  for (const Type& t : types) {
    if (name.ends_with(t.ending)) return t.type;
  }
  return "application/octet-stream";
}

// Only plain names: no "..", nothing hidden, no separator or NUL that was percent-encoded.
bool safe_name(std::string_view segment) {
  return !segment.empty() && segment.front() != '.' &&
         segment.find('/') == std::string_view::npos &&
         segment.find('\\') == std::string_view::npos &&
         segment.find('\0') == std::string_view::npos;
}

Response file_below(const std::filesystem::path& root, const std::string& rest) {
  const Response missing = problem(404, "Not Found", "there is no such file");
  std::filesystem::path path = root;
  for (const std::string& segment : split('/' + rest)) {
    const auto name = percent_decode(segment);
    if (!name || !safe_name(*name)) return missing;
    path /= *name;
  }
  std::error_code error;
  const auto real_root = std::filesystem::canonical(root, error);
  if (error) return missing;
  const auto real =
      std::filesystem::canonical(path, error);  // follows links: they must not lead out
  if (error || !std::filesystem::is_regular_file(real, error)) return missing;
  const auto [root_end, ignored] = std::ranges::mismatch(real_root, real);
  if (root_end != real_root.end()) return missing;
  std::ifstream in(real, std::ios::binary);
  if (!in) return missing;
  Response response;
  response.body.assign(std::istreambuf_iterator<char>(in), {});
  response.content_type = type_of(real.string());
  return response;
}

}  // namespace

void Router::add(std::string method, std::string pattern, Handler handler) {
  Route route;
  route.method = std::move(method);
  route.segments = split(pattern);
  route.handler = std::move(handler);
  routes_.push_back(std::move(route));
}

void Router::add_stream(std::string pattern, std::shared_ptr<EventSource> source,
                        Admission admission) {
  Route route;
  route.method = "GET";
  route.segments = split(pattern);
  route.stream = std::move(source);
  route.admission = std::move(admission);
  routes_.push_back(std::move(route));
}

void Router::add_asset(std::string path, std::string content_type, std::string_view body) {
  add("GET", std::move(path),
      [content_type = std::move(content_type), body](const Request&) -> asio::awaitable<Response> {
        Response response;
        response.content_type = content_type;
        response.body = body;
        co_return response;
      });
}

void Router::add_files(std::string prefix, std::string directory) {
  Route route;
  route.method = "GET";
  route.segments = split(prefix);
  route.segments.pop_back();  // the empty one behind the last '/'
  route.prefix = true;
  route.handler = [root = std::filesystem::path(std::move(directory))](
                      const Request& request) -> asio::awaitable<Response> {
    co_return file_below(root, request.params.at("rest"));
  };
  routes_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const std::vector<std::string> segments = split(path);
  Match result;
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    const std::size_t fixed = route.segments.size();
    if (route.prefix ? segments.size() <= fixed : segments.size() != fixed) continue;
    std::map<std::string, std::string> params;
    const bool fits = std::ranges::equal(
        std::ranges::subrange(segments.begin(),
                              segments.begin() + static_cast<std::ptrdiff_t>(fixed)),
        route.segments, [&](const std::string& got, const std::string& wanted) {
          const auto decoded = percent_decode(got);
          if (!decoded) return false;
          if (!is_parameter(wanted)) return *decoded == wanted;
          params[wanted.substr(1, wanted.size() - 2)] = *decoded;
          return !decoded->empty();
        });
    if (!fits) continue;
    if (route.method != method && !(route.method == "GET" && method == "HEAD")) {
      allowed.push_back(route.method);
      continue;
    }
    if (route.prefix) {
      std::string rest;
      for (std::size_t i = fixed; i < segments.size(); ++i)
        rest += (i == fixed ? "" : "/") + segments[i];
      params["rest"] = rest;  // still encoded: the handler decodes name by name
    }
    result.handler = &route.handler;
    result.stream = route.stream;
    result.params = std::move(params);
    if (route.stream) {
      result.handler = nullptr;
      result.admission = &route.admission;
    }
    return result;
  }
  for (const std::string& m : allowed) result.allow += (result.allow.empty() ? "" : ", ") + m;
  return result;
}

}  // namespace rollcall::http
