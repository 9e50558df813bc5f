#include "hal/host/readers/us_keys.hpp"

#include <algorithm>
#include <array>

#include <linux/input-event-codes.h>

namespace rollcall::readers {
namespace {

struct Character {
  unsigned key;
  char plain;
  char shifted;
};

constexpr auto characters = std::to_array<Character>({
    {KEY_0, '0', '?'},     {KEY_1, '1', '?'},         {KEY_2, '2', '?'},
    {KEY_3, '3', '?'},     {KEY_4, '4', '?'},         {KEY_5, '5', '?'},
    {KEY_6, '6', '?'},     {KEY_7, '7', '?'},         {KEY_8, '8', '?'},
    {KEY_9, '9', '?'},     {KEY_KP0, '0', '?'},       {KEY_KP1, '1', '?'},
    {KEY_KP2, '2', '?'},   {KEY_KP3, '3', '?'},       {KEY_KP4, '4', '?'},
    {KEY_KP5, '5', '?'},   {KEY_KP6, '6', '?'},       {KEY_KP7, '7', '?'},
    {KEY_KP8, '8', '?'},   {KEY_KP9, '9', '?'},       {KEY_A, 'a', 'A'},
    {KEY_B, 'b', 'B'},     {KEY_C, 'c', 'C'},         {KEY_D, 'd', 'D'},
    {KEY_E, 'e', 'E'},     {KEY_F, 'f', 'F'},         {KEY_G, 'g', 'G'},
    {KEY_H, 'h', 'H'},     {KEY_I, 'i', 'I'},         {KEY_J, 'j', 'J'},
    {KEY_K, 'k', 'K'},     {KEY_L, 'l', 'L'},         {KEY_M, 'm', 'M'},
    {KEY_N, 'n', 'N'},     {KEY_O, 'o', 'O'},         {KEY_P, 'p', 'P'},
    {KEY_Q, 'q', 'Q'},     {KEY_R, 'r', 'R'},         {KEY_S, 's', 'S'},
    {KEY_T, 't', 'T'},     {KEY_U, 'u', 'U'},         {KEY_V, 'v', 'V'},
    {KEY_W, 'w', 'W'},     {KEY_X, 'x', 'X'},         {KEY_Y, 'y', 'Y'},
    {KEY_Z, 'z', 'Z'},     {KEY_SPACE, ' ', ' '},     {KEY_ENTER, '\n', '\n'},
    {KEY_TAB, '\n', '\n'}, {KEY_KPENTER, '\n', '\n'},
});

constexpr auto modifiers = std::to_array<unsigned>(
    {KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTALT, KEY_RIGHTALT,
     KEY_LEFTMETA, KEY_RIGHTMETA, KEY_CAPSLOCK, KEY_NUMLOCK, KEY_SCROLLLOCK});

}  // namespace

std::optional<char> us_character(unsigned key, bool shift) {
  if (std::ranges::find(modifiers, key) != modifiers.end()) return std::nullopt;
  const auto* found = std::ranges::find(characters, key, &Character::key);
  if (found == characters.end()) return '?';
  return shift ? found->shifted : found->plain;
}

}  // namespace rollcall::readers
